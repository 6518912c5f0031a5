import type { Log } from '../base/log.ts';
import { keyOfInfo } from '../incall/dtmf-info.ts';
import { CONTENT_TYPE, INFO_PACKAGE } from '../incall/info-package.ts';
import { parseCommand } from '../incall/json-commands.ts';
import type { CommandFault } from '../incall/json-commands.ts';
import type { Command } from '../incall/commands.ts';
import { isTextCommand } from '../incall/text-commands.ts';
import type { Party } from '../transfers/ports.ts';
import { otherSide } from './call.ts';
import type { Call, Leg } from './call.ts';
import { passed } from './caller-answer.ts';
import type { Headers } from './caller-answer.ts';
import type { Calls } from './calls.ts';
import { MediaAnchorError } from './media-anchor.ts';
import { isPlainText } from './message-relay.ts';
import type { OwnLines, Reading } from './own-lines.ts';
import { dialogRequest, stackOf } from './sip-application.ts';
import type { FinalResponse, SipRequest, SipResponse } from './sip-application.ts';
import { headerOf, respondWith } from './sip-messages.ts';

/**
 * Headers that a request inside a dialog keeps on its way to the other leg, and an answer on its way back. Not
 * Session-Expires and Min-SE: each leg has a session timer of its own, which the SIP server keeps (RFC 4028 §3).
 */
const PASSED_HEADERS = [
  'Content-Type',
  'Content-Disposition',
  'Info-Package',
  'Refer-To',
  'Referred-By',
  'Refer-Sub',
  'Event',
  'Subscription-State',
  'Reason',
  'Warning',
  'Retry-After',
  'Accept',
  'Accept-Encoding',
  'Subject',
];

/** Relayed with their answer, body included (docs/in-call-protocol.md §1, M15). */
const RELAYED = ['refer', 'notify', 'options', 'publish'] as const;
/** In a call that only passes through, between two other nodes or operators, nothing is for us. */
const RELAYED_IN_TRANSIT = [...RELAYED, 'info', 'message'] as const;

export interface InDialogHandlers {
  /** A party said something in our INFO. */
  readonly command: (command: Command, from: Party) => void;
  /** A party wrote something that is for us. */
  readonly text: (text: string, from: Party) => void;
  readonly ended: (call: Call) => void;
  /** A key came in INFO. @returns whether it is for us alone. Absent while star codes are off. */
  readonly key?: ((leg: Leg, key: string) => boolean) | undefined;
  /** The lines of sessions that are the platform's. */
  readonly ownLines: Pick<OwnLines, 'read' | 'answer'>;
}

/** A wrong INFO body, as the status of its answer. */
const FAULT_STATUS: Readonly<Record<CommandFault, number>> = {
  'not-json': 400,
  'bad-field': 400,
  'too-long': 413,
};

/**
 * What arrives inside the dialogs of a call. Ours is the INFO with our package; everything else passes between the
 * phones as if we were not there, SDP pointing to us where media is anchored.
 */
export class InDialog {
  readonly #calls: Calls;
  readonly #handlers: InDialogHandlers;
  readonly #log: Log;

  constructor(calls: Calls, handlers: InDialogHandlers, log: Log) {
    this.#calls = calls;
    this.#handlers = handlers;
    this.#log = log;
  }

  /** Listens to both dialogs. In the same turn as the dialogs appear: the framework answers 200 to what nobody listens to. */
  attach(call: Call, legs: Readonly<Record<'caller' | 'callee', Leg>>): void {
    this.#calls.answered(call, legs);
    for (const leg of [legs.caller, legs.callee]) {
      leg.dialog.on('destroy', () => {
        call.history.endedBy ??= leg.side;
        this.#handlers.ended(call);
      });
      if (!call.isTransit) this.#listen(call, leg);
      this.#on(leg, 'modify', (request, response) =>
        this.#modify(call, leg, { request, response }),
      );
      this.#on(leg, 'update', (request, response) =>
        this.#update(call, leg, { request, response }),
      );
      for (const event of call.isTransit ? RELAYED_IN_TRANSIT : RELAYED)
        this.#on(leg, event, (request, response) => this.#relay(call, leg, { request, response }));
    }
  }

  /** To what may be for us. */
  #listen(call: Call, leg: Leg): void {
    this.#on(leg, 'info', (request, response) => this.#info(call, leg, { request, response }));
    this.#on(leg, 'message', (request, response) =>
      this.#message(call, leg, { request, response }),
    );
  }

  #on(
    leg: Leg,
    event: string,
    listener: (request: SipRequest, response: SipResponse) => Promise<void>,
  ): void {
    leg.dialog.on(event, (request: SipRequest, response: SipResponse) => {
      listener(request, response).catch((cause: unknown) => {
        this.#log.warn('in-dialog.failed', { event, cause: stackOf(cause) });
        if (!response.finalResponseSent) response.send(statusOfFailure(cause));
      });
    });
  }

  async #info(call: Call, leg: Leg, exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const named = packageOf(request);
    if (named === INFO_PACKAGE) return this.#command(leg, exchange);
    // The old kind, without a package, carries keys.
    if (named === undefined && this.#isKeyForUs(leg, request)) return response.send(200);
    return this.#relay(call, leg, exchange);
  }

  /**
   * What is well formed gets its 200 before anything comes of it: an answer to INFO says how the message is, never what the application
   * makes of it. That goes out in an INFO of its own (RFC 6086 §4.2.2), which names this one in its `re`.
   */
  #command(leg: Leg, { request, response }: Exchange): void {
    if (contentTypeOf(request) !== CONTENT_TYPE)
      return response.send(415, undefined, { headers: { Accept: CONTENT_TYPE } });
    const command = parseCommand(request.body);
    if (!command.ok) {
      const status = FAULT_STATUS[command.code];
      const text = command.at === undefined ? command.code : `${command.code}: ${command.at}`;
      const headers = { Reason: `SIP;cause=${status};text="${text}"` };
      return response.send(status, undefined, { headers });
    }
    response.send(200);
    this.#handlers.command(command.value, leg.party);
  }

  #isKeyForUs(leg: Leg, request: SipRequest): boolean {
    const key = keyOfInfo(contentTypeOf(request), request.body);
    return key !== undefined && this.#handlers.key?.(leg, key) === true;
  }

  async #message(call: Call, leg: Leg, exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    if (!isPlainText(request) || !isTextCommand(request.body))
      return this.#relay(call, leg, exchange);
    response.send(200);
    this.#handlers.text(request.body, leg.party);
  }

  async #relay(call: Call, leg: Leg, { request, response }: Exchange): Promise<void> {
    const answer = await this.#pass(call, leg, request, request.body);
    respond(response, answer.response, answer.response.body);
  }

  /**
   * A re-INVITE (RFC 3261 §14): hold, resume, video, new codecs: between the phones, through our relays (M15), but for the lines
   * that are the platform's.
   */
  async #modify(call: Call, leg: Leg, exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    if (request.body !== '') return this.#renegotiate(call, leg, exchange);
    const other = otherSide(leg.side);
    await this.#alone(call, response, async () => {
      const answer = await this.#pass(call, leg, request, '');
      if (answer.acknowledge !== undefined && answer.response.status < 300)
        this.#answerInAck(call, leg, answer);
      const body = await call.passSdp(answer.response.body, other);
      respond(response, answer.response, body);
    });
  }

  /** An offer of one phone, and its answer. */
  async #renegotiate(call: Call, leg: Leg, { request, response }: Exchange): Promise<void> {
    const { ownLines } = this.#handlers;
    await this.#alone(call, response, async () => {
      const reading = ownLines.read(call, leg, request.body);
      const answer = await this.#passOffer(call, leg, request, reading);
      if (answer.response.status >= 300) return respond(response, answer.response, '');
      const answered = await ownLines.answer(reading);
      const role = 'answer';
      const body = await call.passSdp(answer.response.body, otherSide(leg.side), { role });
      respond(response, answer.response, body);
      answered();
    });
  }

  /** Waits for the other phone's offer; 491 while one of ours is on its way (RFC 3261 §14.2, RFC 3311 §5.2). */
  async #alone(call: Call, response: SipResponse, work: () => Promise<void>): Promise<void> {
    const done = await call.negotiations.pass();
    if (done === undefined) return respondWith(response, 491, 'Request Pending', { headers: {} });
    try {
      await work();
    } finally {
      done();
    }
  }

  /** No offer in the re-INVITE: the other leg's 200 was the offer, and the answer comes in this leg's ACK. */
  #answerInAck(call: Call, leg: Leg, answer: FinalResponse): void {
    leg.dialog.once('ack', (ack) => {
      call
        .passSdp(ack.body, leg.side, { role: 'answer' })
        .then((body) => answer.acknowledge?.({ body }))
        .catch((cause: unknown) => this.#log.warn('ack.failed', { cause: stackOf(cause) }));
    });
  }

  /** An UPDATE (RFC 3311). Without an offer it refreshes this leg alone: the other phone may not even know the method. */
  async #update(call: Call, leg: Leg, exchange: Exchange): Promise<void> {
    if (exchange.request.body === '') return exchange.response.send(200);
    await this.#renegotiate(call, leg, exchange);
  }

  /** A refused offer leaves the media where they were. */
  async #passOffer(
    call: Call,
    leg: Leg,
    request: SipRequest,
    { claim }: Reading,
  ): Promise<FinalResponse> {
    const goBack = call.rememberMedia(leg.side);
    const claimed = new Set(claim === undefined ? [] : [claim.index]);
    try {
      const offer = await call.passSdp(request.body, leg.side, { claimed });
      const answer = await this.#pass(call, leg, request, offer);
      if (answer.response.status >= 300) await goBack();
      return answer;
    } catch (cause) {
      await goBack();
      throw cause;
    }
  }

  async #pass(call: Call, leg: Leg, request: SipRequest, body: string): Promise<FinalResponse> {
    const other = call.legs?.[otherSide(leg.side)];
    if (other === undefined || !other.dialog.connected) throw new PeerGone();
    const { method } = request;
    return dialogRequest(other.dialog, { method, headers: passedHeaders(request), body });
  }
}

interface Exchange {
  readonly request: SipRequest;
  readonly response: SipResponse;
}

/** The other leg ended a moment ago; its BYE is on the way to this one. */
class PeerGone extends Error {}

function statusOfFailure(cause: unknown): number {
  if (cause instanceof MediaAnchorError) return cause.status;
  return cause instanceof PeerGone ? 481 : 500;
}

/** Passes an answer of one leg on to the other, whatever its status. */
export function respond(response: SipResponse, answer: SipResponse, body: string): void {
  const headers = passedHeaders(answer);
  respondWith(response, answer.status, answer.reason, {
    headers,
    ...(body === '' ? {} : { body }),
  });
}

/** Of a message inside a dialog, what the other leg gets. */
export const passedHeaders = (message: Headers): Record<string, string> =>
  passed(message, PASSED_HEADERS);

/** The Info-Package of an INFO (RFC 6086 §4.1), lower case; undefined for the old kind. */
export const packageOf = (request: SipRequest): string | undefined =>
  wordOf(headerOf(request, 'Info-Package'));

const contentTypeOf = (request: SipRequest): string | undefined =>
  wordOf(headerOf(request, 'Content-Type'));

/** Without parameters, lower case. */
const wordOf = (value: string | undefined): string | undefined =>
  value?.split(';', 1)[0]?.trim().toLowerCase();
