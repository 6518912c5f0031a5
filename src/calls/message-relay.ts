import type { Clock } from '../base/clock.ts';
import { numberOf } from '../incall/number.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Authenticator } from './authenticator.ts';
import { bindingUri, nextHop } from './contact.ts';
import type { SipApplication, SipRequest, SipResponse } from './sip-application.ts';

export interface MessageRelayPorts {
  readonly application: SipApplication;
  readonly authenticator: Authenticator;
  readonly state: Pick<StateStore, 'bindings' | 'subscriber'>;
  readonly clock: Clock;
  readonly domain: string;
  readonly serviceUser: string;
}

/** MESSAGE outside of a dialog (RFC 3428): chat between subscribers, passed on unchanged with its answer. */
export class MessageRelay {
  readonly #ports: MessageRelayPorts;

  constructor(ports: MessageRelayPorts) {
    this.#ports = ports;
  }

  async message(request: SipRequest, response: SipResponse): Promise<void> {
    const { authenticator, state, clock, serviceUser } = this.#ports;
    const sender = await authenticator.authenticate(request, response, 'proxy');
    if (sender === undefined) return;
    const to = numberOf(request.uri);
    if (to === undefined) return response.send(404);
    if (to === serviceUser) return response.send(501);
    const [binding] = await state.bindings(to, clock.wallclock());
    if (binding !== undefined) return this.#pass(request, response, { sender: sender.id, binding });
    response.send((await state.subscriber(to)) === undefined ? 404 : 480);
  }

  async #pass(
    request: SipRequest,
    response: SipResponse,
    to: { sender: string; binding: Parameters<typeof nextHop>[0] },
  ): Promise<void> {
    const { application, domain } = this.#ports;
    const contentType = request.has('Content-Type') ? request.get('Content-Type') : 'text/plain';
    const answer = await application.request(bindingUri(to.binding), {
      method: 'MESSAGE',
      headers: { From: `<sip:${to.sender}@${domain}>`, 'Content-Type': contentType },
      body: request.body,
      proxy: nextHop(to.binding),
    });
    response.send(answer.status, answer.reason);
  }
}
