import { isTextCommand } from '../incall/text-commands.ts';
import { HOP_HEADER } from '../nodes/hops.ts';
import { NODE_CONTENT_TYPE, SIGNATURE_HEADER } from '../nodes/node-message.ts';
import type { Callers } from './callers.ts';
import { foreignDestination } from './neighbours.ts';
import type { Neighbours } from './neighbours.ts';
import type { Destination, Directory, Target } from './directory.ts';
import type { SipApplication, SipRequest, SipResponse } from './sip-application.ts';
import { partyOf } from './identity.ts';
import type { Caller } from './identity.ts';
import { isExhausted, oneHopFewer } from './max-forwards.ts';
import { headerOf, respondWith } from './sip-messages.ts';

export interface MessageRelayPorts {
  readonly application: Pick<SipApplication, 'request'>;
  readonly callers: Pick<Callers, 'identify'>;
  readonly directory: Pick<Directory, 'find'>;
  readonly serviceUser: string;
  readonly neighbours?: Pick<Neighbours, 'receive' | 'arrived'>;
  /** Takes what is for the platform. */
  readonly command: (text: string, sender: string, to: string) => void;
}

/** MESSAGE outside of a dialog (RFC 3428): chat between subscribers, and with the world outside, passed on unchanged with its answer. */
export class MessageRelay {
  readonly #ports: MessageRelayPorts;

  constructor(ports: MessageRelayPorts) {
    this.#ports = ports;
  }

  async message(request: SipRequest, response: SipResponse): Promise<void> {
    if (isExhausted(request)) return response.send(483);
    const { callers, directory, neighbours } = this.#ports;
    if (neighbours !== undefined && isOfNode(request))
      return this.#ofNode(request, response, neighbours);
    const sender = await callers.identify(request, response);
    if (sender === undefined) return;
    const to = partyOf(request.uri);
    if (to === undefined) return response.send(404);
    if (this.#isForUs(request, to)) return this.#command(request, response, { sender, to });
    const found = await directory.find(to, sender);
    if (typeof found === 'number') return response.send(found);
    await this.#pass(request, response, found);
  }

  /** Something for this platform, or for a phone that has a connection to it only. */
  async #ofNode(
    request: SipRequest,
    response: SipResponse,
    neighbours: Pick<Neighbours, 'receive' | 'arrived'>,
  ): Promise<void> {
    if (!request.has(HOP_HEADER))
      return response.send(neighbours.receive(request.body, request.get(SIGNATURE_HEADER)));
    const callee = await neighbours.arrived(request.get(HOP_HEADER));
    if (callee === undefined) return response.send(403);
    await this.#pass(request, response, foreignDestination(request, callee));
  }

  async #pass(request: SipRequest, response: SipResponse, found: Destination): Promise<void> {
    const contentType = headerOf(request, 'Content-Type') ?? 'text/plain';
    const { application } = this.#ports;
    const text = { contentType, body: request.body, headers: oneHopFewer(request) };
    const answer = await deliver(application, found.targets, text);
    respondWith(response, answer.status, answer.reason, { headers: {} });
  }

  #isForUs(request: SipRequest, to: string): boolean {
    return to === this.#ports.serviceUser || (isPlainText(request) && isTextCommand(request.body));
  }

  /** The answer to a command comes as a text of its own: a MESSAGE's 200 has none that anybody reads (RFC 3428 §7). */
  #command(
    request: SipRequest,
    response: SipResponse,
    { sender, to }: { readonly sender: Caller; readonly to: string },
  ): void {
    if (!isPlainText(request))
      return response.send(415, undefined, { headers: { Accept: 'text/plain' } });
    response.send(200);
    this.#ports.command(request.body, sender.number, to);
  }
}

const isOfNode = (request: SipRequest): boolean =>
  request.has(HOP_HEADER) ||
  (request.has(SIGNATURE_HEADER) && headerOf(request, 'Content-Type') === NODE_CONTENT_TYPE);

/** UTF-8 is what text/plain means in SIP when no other charset is named (RFC 3261 §7.4.1). */
export function isPlainText(request: SipRequest): boolean {
  const contentType = headerOf(request, 'Content-Type') ?? 'text/plain';
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='));
  return type.trim() === 'text/plain' && /^$|=\s*"?(utf-8|us-ascii)"?\s*$/.test(charset ?? '');
}

/** Whoever answers like this can't be reached there; the next target may do. */
const UNREACHABLE: ReadonlySet<number> = new Set([408, 480, 503]);

interface Text {
  readonly contentType: string;
  readonly body: string;
  /** Besides those that say who writes to whom. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a MESSAGE to the first target that takes it. @throws when none answers at all. */
export async function deliver(
  application: Pick<SipApplication, 'request'>,
  targets: readonly Target[],
  text: Text,
): Promise<{ readonly status: number; readonly reason: string }> {
  let last = { status: 480, reason: '' };
  for (const { uri, proxy, headers } of targets) {
    const all = { ...headers, ...text.headers, 'Content-Type': text.contentType };
    const { body } = text;
    last = await application.request(uri, { method: 'MESSAGE', headers: all, body, proxy });
    if (!UNREACHABLE.has(last.status)) return last;
  }
  return last;
}
