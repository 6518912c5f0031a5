import { randomHex } from '../base/clock.ts';
import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { INFO_PACKAGE } from '../incall/info-package.ts';
import { numberOf } from '../incall/number.ts';
import type { Binding, StateStore } from '../state/state-store.ts';
import type { MediaPlane } from '../transfers/media-plane.ts';
import type { Authenticator } from './authenticator.ts';
import { Call } from './call.ts';
import type { Leg } from './call.ts';
import type { Calls } from './calls.ts';
import { bindingUri, nextHop } from './contact.ts';
import type { InDialog } from './in-dialog.ts';
import { MediaAnchorError } from './media-anchor.ts';
import type { B2buaOptions, SipApplication, SipRequest, SipResponse } from './sip-application.ts';

const CALL_ID_BYTES = 8;
const RETRY_AFTER_SECONDS = '30';

/** What else of an INVITE matters to the callee, and of an answer to the caller. Our own say goes before. */
const PASSED_TO_CALLEE = [
  'Subject',
  'Alert-Info',
  'Call-Info',
  'Priority',
  'Organization',
  'Reply-To',
];
const PASSED_TO_CALLER = ['Warning', 'Retry-After', 'Organization', 'Server', 'Alert-Info'];

export interface CallSettings {
  /** Host part of addresses of record, and digest realm. */
  readonly domain: string;
  /** User part of the service address. */
  readonly serviceUser: string;
  readonly callsMax: number;
  readonly anchorMedia: boolean;
}

export interface CallPorts {
  readonly application: SipApplication;
  readonly authenticator: Authenticator;
  readonly state: Pick<StateStore, 'bindings' | 'subscriber'>;
  readonly media: MediaPlane;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: CallSettings;
}

/** INVITE outside of a dialog: finds the callee, anchors the media, and connects two dialogs as a B2BUA. */
export class CallSetup {
  readonly #ports: CallPorts;
  readonly #calls: Calls;
  readonly #inDialog: InDialog;
  /** Called once per call that was added, when it is over. */
  readonly #ended: (call: Call) => void;

  constructor(
    ports: CallPorts,
    calls: Calls,
    handlers: { readonly inDialog: InDialog; readonly ended: (call: Call) => void },
  ) {
    this.#ports = ports;
    this.#calls = calls;
    this.#inDialog = handlers.inDialog;
    this.#ended = handlers.ended;
  }

  async invite(request: SipRequest, response: SipResponse): Promise<void> {
    const { authenticator, settings } = this.#ports;
    const caller = await authenticator.authenticate(request, response, 'proxy');
    if (caller === undefined) return;
    if (this.#calls.size >= settings.callsMax) {
      const headers = { 'Retry-After': RETRY_AFTER_SECONDS };
      return response.send(503, undefined, { headers });
    }
    const callee = numberOf(request.uri);
    const binding = callee && (await this.#bindingOf(callee, response));
    if (callee === undefined) return response.send(404);
    if (binding) await this.#connect({ request, response }, { caller: caller.id, callee, binding });
  }

  /** Where the callee is; when nowhere, the request has been answered. */
  async #bindingOf(callee: string, response: SipResponse): Promise<Binding | undefined> {
    const { state, clock } = this.#ports;
    const [newest] = await state.bindings(callee, clock.wallclock());
    if (newest !== undefined) return newest;
    const isKnown = (await state.subscriber(callee)) !== undefined;
    response.send(isKnown ? 480 : 404);
    return undefined;
  }

  async #connect(
    { request, response }: { request: SipRequest; response: SipResponse },
    who: { caller: string; callee: string; binding: Binding },
  ): Promise<void> {
    const { application, media, random, log, settings } = this.#ports;
    const call = new Call(
      randomHex(random, CALL_ID_BYTES),
      settings.anchorMedia ? media : undefined,
    );
    this.#calls.add(call);
    log.info('call.started', { call: call.id, caller: who.caller, callee: who.callee });
    try {
      const options = await this.#options(call, request, who);
      const dialogs = await application.connectLegs(request, response, options);
      const callerTakesInfo = listsPackage(request);
      const calleeTakesInfo = dialogs.answer !== undefined && listsPackage(dialogs.answer);
      this.#inDialog.attach(call, {
        caller: leg(call, 'caller', who.caller, dialogs.caller, callerTakesInfo),
        callee: leg(call, 'callee', who.callee, dialogs.callee, calleeTakesInfo),
      });
      log.info('call.answered', { call: call.id });
    } catch (cause) {
      const status = statusOf(cause);
      if (!response.finalResponseSent) response.send(status);
      log.info('call.refused', { call: call.id, status, cause: String(cause) });
      this.#ended(call);
    }
  }

  async #options(
    call: Call,
    request: SipRequest,
    who: { caller: string; callee: string; binding: Binding },
  ): Promise<B2buaOptions> {
    const { domain } = this.#ports.settings;
    const name = (request.getParsedHeader('from').name ?? '').replace(/["\\\r\n]/g, '');
    const from = `<sip:${who.caller}@${domain}>`;
    return {
      uri: bindingUri(who.binding),
      proxy: nextHop(who.binding),
      headers: {
        From: name === '' ? from : `"${name}" ${from}`,
        To: `<sip:${who.callee}@${domain}>`,
        'Recv-Info': INFO_PACKAGE,
        Allow: ALLOW,
        ...SESSION_TIMER,
      },
      responseHeaders: ({ status }) => ({
        'Recv-Info': INFO_PACKAGE,
        Allow: ALLOW,
        ...(status >= 200 && status < 300 ? SESSION_TIMER : {}),
      }),
      proxyRequestHeaders: PASSED_TO_CALLEE,
      proxyResponseHeaders: PASSED_TO_CALLER,
      localSdpB:
        request.body === ''
          ? (answer) => call.passSdp(answer, 'caller')
          : await call.passSdp(request.body, 'caller'),
      localSdpA: (sdp) => call.passSdp(sdp, 'callee'),
    };
  }
}

/** What a phone may send inside a dialog of ours. */
export const ALLOW =
  'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, MESSAGE, UPDATE, REFER, NOTIFY, PRACK';

/**
 * Half an hour, as RFC 4028 §4 recommends: then a call whose phone is gone without a word ends. Each leg has its own;
 * the SIP server refreshes it, whether or not the phone knows session timers.
 *
 * Reliable provisional responses are not offered: between the phones they would tie a PRACK on one leg to one on the
 * other. To a caller that insists on them (Require: 100rel) the SIP server sends them.
 */
const SESSION_TIMER = { Supported: 'timer', 'Session-Expires': '1800' };

const leg = (
  call: Call,
  side: Leg['side'],
  number: string,
  ...[dialog, takesInfo]: [Leg['dialog'], boolean]
): Leg => ({ side, party: { number, leg: { call: call.id, side } }, dialog, takesInfo });

/** RFC 6086 §5.2.3: Recv-Info lists packages, each with parameters. */
const listsPackage = (message: { has(h: string): boolean; get(h: string): string }): boolean =>
  message.has('Recv-Info') &&
  message
    .get('Recv-Info')
    .split(',')
    .some((entry) => entry.split(';', 1)[0]?.trim().toLowerCase() === INFO_PACKAGE);

function statusOf(cause: unknown): number {
  if (cause instanceof MediaAnchorError) return cause.status;
  const hasStatus = typeof cause === 'object' && cause !== null && 'status' in cause;
  return hasStatus && typeof cause.status === 'number' ? cause.status : 500;
}
