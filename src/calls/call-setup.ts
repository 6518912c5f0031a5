import { randomHex } from '../base/clock.ts';
import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { INFO_PACKAGE } from '../incall/info-package.ts';
import { HOP_HEADER } from '../nodes/hops.ts';
import type { MediaPlane } from '../transfers/media-plane.ts';
import { Call } from './call.ts';
import type { Leg } from './call.ts';
import {
  OURS,
  oursOf,
  passed,
  PASSED_TO_CALLER,
  Progress,
  respond,
  SESSION_TIMER,
} from './caller-answer.ts';
import type { Headers } from './caller-answer.ts';
import type { Callers } from './callers.ts';
import type { Calls } from './calls.ts';
import { Cancellation } from './cancellation.ts';
import type { Destination, Directory } from './directory.ts';
import type { EarlyDialogs } from './early-dialogs.ts';
import { partyOf, UNKNOWN_CALLER } from './identity.ts';
import type { Caller } from './identity.ts';
import type { InDialog } from './in-dialog.ts';
import type { KeySettings } from './key-face.ts';
import { isExhausted, oneHopFewer } from './max-forwards.ts';
import { MediaAnchorError } from './media-anchor.ts';
import { foreignDestination } from './neighbours.ts';
import type { Neighbours } from './neighbours.ts';
import { Ringing } from './ringing.ts';
import type { Winner } from './ringing.ts';
import { acknowledged, endDialog, Refusal, releaseRequests, stackOf } from './sip-application.ts';
import type { SipApplication, SipDialog, SipRequest, SipResponse } from './sip-application.ts';
import { dialogIdOf, futureDialogId, headerOf, onEarlyUpdate } from './sip-messages.ts';
import type { Trunk } from './trunks/trunk.ts';
import type { Trunks } from './trunks/trunks.ts';

const CALL_ID_BYTES = 8;
const RETRY_AFTER_SECONDS = '30';
/** RFC 3311 §5.2: somewhere between 0 and 10 seconds. */
const UPDATE_RETRY_SECONDS = '5';

/** What else of an INVITE matters to the callee. Our own say goes before. */
const PASSED_TO_CALLEE = [
  'Subject',
  'Alert-Info',
  'Call-Info',
  'Priority',
  'Organization',
  'Reply-To',
];

export interface CallSettings {
  /** Host part of addresses of record, and digest realm. */
  readonly domain: string;
  /** User part of the service address. */
  readonly serviceUser: string;
  readonly callsMax: number;
  readonly anchorMedia: boolean;
  /** Phones' media may come from behind a NAT (media/peer.ts). */
  readonly natMedia: boolean;
  /** Star codes and what is spoken in answer; absent while they are off. */
  readonly keys?: KeySettings;
}

export interface CallPorts {
  readonly application: SipApplication;
  readonly callers: Callers;
  readonly directory: Directory;
  readonly trunks: Trunks;
  readonly media: MediaPlane;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: CallSettings;
  readonly neighbours?: Neighbours;
}

interface Exchange {
  readonly request: SipRequest;
  readonly response: SipResponse;
  readonly cancellation: Cancellation;
}

/** INVITE outside of a dialog: finds the callee, anchors the media, and connects two dialogs as a B2BUA. */
export class CallSetup {
  readonly #ports: CallPorts;
  readonly #calls: Calls;
  readonly #inDialog: InDialog;
  readonly #early: EarlyDialogs;
  /** Called once per call that was added, when it is over. */
  readonly #ended: (call: Call) => void;

  constructor(
    ports: CallPorts,
    calls: Calls,
    handlers: {
      readonly inDialog: InDialog;
      readonly early: EarlyDialogs;
      readonly ended: (call: Call) => void;
    },
  ) {
    this.#ports = ports;
    this.#calls = calls;
    this.#inDialog = handlers.inDialog;
    this.#early = handlers.early;
    this.#ended = handlers.ended;
  }

  async invite(request: SipRequest, response: SipResponse): Promise<void> {
    const { callers, directory, settings } = this.#ports;
    if (isExhausted(request)) return response.send(483);
    const cancellation = new Cancellation(request, response);
    const { neighbours } = this.#ports;
    if (neighbours !== undefined && request.has(HOP_HEADER))
      return this.#transit({ request, response, cancellation }, neighbours);
    const caller = await callers.identify(request, response);
    if (caller === undefined) return;
    if (this.#calls.size >= settings.callsMax) return tooMany(response);
    const callee = partyOf(request.uri);
    const found = callee === undefined ? 404 : await directory.find(callee, caller);
    if (typeof found === 'number') return response.send(found);
    await this.#connect({ request, response, cancellation }, caller, found);
  }

  /** Another platform's call to a phone that has a connection to us only. */
  async #transit(exchange: Exchange, neighbours: Neighbours): Promise<void> {
    const { request, response } = exchange;
    const callee = await neighbours.arrived(request.get(HOP_HEADER));
    if (callee === undefined) return response.send(403);
    if (this.#calls.size >= this.#ports.settings.callsMax) return tooMany(response);
    const destination = foreignDestination(request, callee);
    const number = partyOf(request.getParsedHeader('from').uri) ?? UNKNOWN_CALLER;
    const caller = { number, name: '', isPrivate: false, trunk: undefined };
    await this.#connect(exchange, caller, destination, true);
  }

  async #connect(
    exchange: Exchange,
    caller: Caller,
    destination: Destination,
    isTransit = false,
  ): Promise<void> {
    const { media, clock, random, log, settings } = this.#ports;
    // An operator's media come from where its SDP says; phones may sit behind a NAT.
    const nat = {
      caller: settings.natMedia && caller.trunk === undefined,
      callee: settings.natMedia && destination.kind === 'phones',
    };
    const anchor = settings.anchorMedia && !isTransit ? media : undefined;
    const codes = settings.keys?.codes;
    const how = { nat, isTransit, ...(codes && { codes }) };
    const call = new Call(randomHex(random, CALL_ID_BYTES), anchor, how);
    this.#calls.add(call);
    call.history.started = {
      at: clock.wallclock(),
      caller: caller.number,
      callee: destination.number,
      ...(caller.trunk === undefined ? {} : { callerTrunk: caller.trunk.name }),
    };
    log.info('call.started', { call: call.id, caller: caller.number, callee: destination.number });
    try {
      await this.#talk(call, exchange, { caller, destination });
      call.history.answeredAt = clock.wallclock();
      log.info('call.answered', { call: call.id });
    } catch (cause) {
      const refusal = refusalOf(cause);
      call.history.refused = refusal.status;
      respond(exchange.response, refusal.status, refusal.response, '');
      log.info('call.refused', { call: call.id, status: refusal.status, cause: String(cause) });
      this.#ended(call);
    } finally {
      this.#early.over(futureDialogId(exchange.request));
    }
  }

  /** Rings, answers the caller, and joins the two dialogs. */
  async #talk(
    call: Call,
    { request, response, cancellation }: Exchange,
    who: { readonly caller: Caller; readonly destination: Destination },
  ): Promise<void> {
    const { application } = this.#ports;
    const progress = new Progress(call, response, who.destination);
    const { target, answered } = await this.#ring(call, request, {
      ...who,
      progress,
      cancellation,
    });
    if (target.way !== undefined) call.history.calleeTrunk = target.way.trunk.name;
    try {
      await progress.shown();
      const sdp = await call.passSdp(answered.response.body, 'callee');
      const headers = {
        ...oursOf(call, answered.response),
        ...SESSION_TIMER,
        ...passed(answered.response, PASSED_TO_CALLER),
      };
      const caller = await application.accept(request, response, { headers, sdp });
      const callee = await this.#join(call, request, { caller, answered });
      this.#inDialog.attach(call, {
        caller: legOf(call, 'caller', caller, {
          number: who.caller.number,
          message: request,
          trunk: who.caller.trunk,
        }),
        callee: legOf(call, 'callee', callee, {
          number: who.destination.number,
          message: answered.response,
          trunk: target.way?.trunk,
        }),
      });
    } catch (cause) {
      answered.drop();
      throw cause;
    }
  }

  async #ring(
    call: Call,
    request: SipRequest,
    who: {
      readonly destination: Destination;
      readonly progress: Progress;
      readonly cancellation: Cancellation;
    },
  ): Promise<Winner> {
    const { application, random, trunks } = this.#ports;
    const offer = await call.passSdp(request.body, 'caller');
    const ringing = new Ringing(
      { application, random, report: (hop, status) => trunks.report(hop, status) },
      {
        offer,
        headers: {
          ...passed(request, PASSED_TO_CALLEE),
          ...oneHopFewer(request),
          ...OURS,
          ...SESSION_TIMER,
        },
        provisional: (answer) => {
          this.#early.rings(futureDialogId(request), dialogIdOf(answer), who.progress.isAlone);
          who.progress.show(answer);
        },
      },
    );
    who.cancellation.whenCancelled(() => ringing.stop());
    onEarlyUpdate(request, (_update, answer) =>
      answer.send(500, undefined, { headers: { 'Retry-After': UPDATE_RETRY_SECONDS } }),
    );
    return ringing.find(who.destination);
  }

  /** The callee's dialog. Where the INVITE had no offer, the caller's answer is in its ACK. */
  async #join(
    call: Call,
    request: SipRequest,
    { caller, answered }: { readonly caller: SipDialog; readonly answered: Winner['answered'] },
  ): Promise<SipDialog> {
    if (request.body !== '') {
      const callee = await answered.accept('');
      caller.once('ack', () => releaseRequests(callee));
      return callee;
    }
    try {
      const ack = await acknowledged(caller);
      return await answered.accept(await call.passSdp(ack.body, 'caller'));
    } catch (cause) {
      endDialog(caller);
      throw cause;
    }
  }
}

function tooMany(response: SipResponse): void {
  const headers = { 'Retry-After': RETRY_AFTER_SECONDS };
  response.send(503, undefined, { headers });
}

function legOf(
  call: Call,
  side: Leg['side'],
  dialog: SipDialog,
  of: { readonly number: string; readonly message: Headers; readonly trunk: Trunk | undefined },
): Leg {
  const party = { number: of.number, leg: { call: call.id, side } };
  const takesInfo = listsPackage(of.message);
  return { side, party, dialog, takesInfo, ...(of.trunk === undefined ? {} : { trunk: of.trunk }) };
}

/** RFC 6086 §5.2.3: Recv-Info lists packages, each with parameters. */
const listsPackage = (message: Headers): boolean =>
  headerOf(message, 'Recv-Info')
    ?.split(',')
    .some((entry) => entry.split(';', 1)[0]?.trim().toLowerCase() === INFO_PACKAGE) === true;

function refusalOf(cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause;
  if (cause instanceof MediaAnchorError) return new Refusal(cause.status);
  return new Refusal(500, undefined, stackOf(cause));
}
