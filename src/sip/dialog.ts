import { Buffer } from 'node:buffer';
import type { CallId } from '../base/units.ts';
import type { Answer } from './answer.ts';
import { SEQUENCE_MAX } from './cseq.ts';
import type { AppId } from './effect.ts';
import { contactUri, type Incoming } from './envelope.ts';
import { splitList } from './header-list.ts';
import {
  headersNamed,
  headerValue,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from './message.ts';
import { wayBack } from './next-hop.ts';
import { lists } from './option-tags.ts';
import type { ReliableProvisionals } from './reliable-provisionals.ts';
import type { ReliableResponses } from './reliable-responses.ts';
import { minSeOf } from './session-expires.ts';
import type { SessionTimer } from './session-timer.ts';
import { hostPort, type Flow } from './transport.ts';

/** The wire protocol's name of a dialog, by the From tag of the request that made it. */
export const dialogIdOf = (callId: CallId, fromTag: string): string =>
  `${callId};from-tag=${fromTag}`;

/** An INVITE of the peer that has no final answer yet. */
export interface PendingInvite {
  /** Ends it with 487. @param shown the CANCEL to show to the application. */
  terminate(shown?: SipRequest): void;
  /** The application gave its final answer, though the peer may not have it yet. */
  readonly answered: boolean;
}

/** The three values that tell a dialog from all others (RFC 3261 §12). */
export interface DialogKey {
  readonly callId: CallId;
  readonly localTag: string;
  readonly remoteTag: string;
}

interface DialogOptions extends DialogKey {
  readonly id: string;
  readonly localParty: string;
  readonly remoteParty: string;
  readonly localSequence: number;
  readonly remoteSequence: number;
  readonly routeSet: readonly string[];
  readonly app: AppId | undefined;
  /** Whether the INVITE that made it was ours. */
  readonly ownsCallId: boolean;
}

/** One peer-to-peer relation (RFC 3261 §12): what a request inside it needs to say. */
export class Dialog implements DialogKey {
  readonly id: string;
  readonly callId: CallId;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From of our requests, with its tag. */
  readonly localParty: string;
  /** To of our requests, with its tag. */
  readonly remoteParty: string;
  /** Routes of our requests, in order (§12.1). */
  routeSet: readonly string[];
  /** The peer's Contact. */
  remoteTarget = '';
  /** The way to a peer whose Contact is no way. */
  wayBack: Flow | undefined;
  /** Whose dialog it is; undefined when only this server knows of it. */
  app: AppId | undefined;
  /** A 2xx was sent or received. */
  confirmed = false;
  /** The peer's INVITE that waits for an answer. */
  pendingInvite: PendingInvite | undefined;
  /** Our 2xx that waits for the peer's ACK. */
  answer: Answer | undefined;
  /** We have an INVITE out that has no final answer. */
  inviting = false;
  /** CSeq number of our INVITE whose 2xx the application has to acknowledge. */
  unacknowledged: number | undefined;
  /** Our ACKs by the CSeq number of their INVITE, for retransmissions of its 2xx; they live as long as its transaction. */
  readonly acks: Map<number, { readonly flow: Flow; readonly bytes: Buffer }> = new Map();
  /** The dialog may not last: why it ends as soon as the application has sent its ACK. */
  byeAfterAck: string | undefined;
  /** Our reliable answers to the peer's latest INVITE. */
  provisionals: ReliableProvisionals | undefined;
  /** The peer's reliable answers to the INVITE of ours that made this dialog, or to our latest in it. */
  responses: ReliableResponses | undefined;
  /** Runs while a session timer is agreed (RFC 4028). */
  session: SessionTimer | undefined;
  /** The shortest session that the peer takes, seconds, if it ever said so. */
  #minSe: number | undefined;
  /** The SDP of ours that the peer last agreed to. */
  localSdp: Buffer | undefined;
  /** Where the peer was told that we are: the Contact of ours that it last agreed to. */
  localContact: string | undefined;
  /** The peer's last Allow names UPDATE (RFC 3311). */
  takesUpdate = false;
  /** Who has an offer out that is not answered (RFC 3264 §4); with an INVITE, until a response that surely arrives. */
  offering: 'us' | 'them' | undefined;
  /** The peer's UPDATE waits for an answer. */
  updating = false;
  readonly ownsCallId: boolean;
  /** CSeq number of our last request. */
  #localSequence: number;
  /** CSeq number of the peer's last request. */
  #remoteSequence: number;

  constructor(options: DialogOptions) {
    this.id = options.id;
    this.callId = options.callId;
    this.localTag = options.localTag;
    this.remoteTag = options.remoteTag;
    this.localParty = options.localParty;
    this.remoteParty = options.remoteParty;
    this.#localSequence = options.localSequence;
    this.#remoteSequence = options.remoteSequence;
    this.routeSet = options.routeSet;
    this.app = options.app;
    this.ownsCallId = options.ownsCallId;
  }

  /** An INVITE is under way, one way or the other: no second one may be (RFC 3261 §14.1). */
  get busy(): boolean {
    return this.inviting || this.pendingInvite !== undefined;
  }

  get minSe(): number | undefined {
    return this.#minSe;
  }

  /** The peer, or a proxy on the way, takes no shorter session: the longest of all that were said counts (RFC 4028 §7.4). */
  wantsAtLeast(seconds: number): void {
    this.#minSe = Math.max(this.#minSe ?? 0, seconds);
  }

  /**
   * What we said of ourselves, and the peer has agreed to: Contact, and SDP; other bodies are ignored. The SDP is a copy, since
   * the original is part of a larger buffer.
   */
  describe({ headers, body }: Pick<SipMessage, 'headers' | 'body'>): void {
    this.localContact = headerValue(headers, 'contact') ?? this.localContact;
    if (!isSdp(body)) return;
    // Not from Node's pool: a dialog keeps it for the whole call, and would keep 8 KiB of others' with it.
    this.localSdp = Buffer.allocUnsafeSlow(body.length);
    this.localSdp.set(body);
  }

  /** @returns the CSeq number of our next request, or undefined when all are used. */
  nextSequence(): number | undefined {
    if (this.#localSequence >= SEQUENCE_MAX) return undefined;
    return ++this.#localSequence;
  }

  /** Takes note of a request's number. @returns false when it is older than the last one (§12.2.2). */
  inOrder(sequence: number): boolean {
    if (sequence < this.#remoteSequence) return false;
    this.#remoteSequence = sequence;
    return true;
  }

  /** Takes the Contact of a message that may set it (§12.2.1.2, §12.2.2), and what else the peer says of itself. */
  refresh(incoming: Incoming): void {
    const { headers } = incoming.message;
    if (headerValue(headers, 'min-se') !== undefined) this.wantsAtLeast(minSeOf(headers));
    if (headerValue(headers, 'allow') !== undefined) {
      this.takesUpdate = lists(headers, 'allow', 'update');
    }
    const contact = contactUri(headers);
    if (contact === undefined && this.remoteTarget !== '') return;
    this.remoteTarget = contact ?? `sip:${hostPort(incoming.flow.remote)}`;
    this.wayBack = wayBack(incoming, contact ?? '');
  }
}

/** The dialog that our answer to this request makes (RFC 3261 §12.1.1). */
export function serverDialog(incoming: Incoming<SipRequest>, localTag: string, app: AppId): Dialog {
  const { envelope, message } = incoming;
  const dialog = new Dialog({
    id: dialogIdOf(envelope.callId, envelope.fromTag),
    callId: envelope.callId,
    localTag,
    remoteTag: envelope.fromTag,
    localParty: `${headerValue(message.headers, 'to') ?? ''};tag=${localTag}`,
    remoteParty: headerValue(message.headers, 'from') ?? '',
    localSequence: 0,
    remoteSequence: envelope.sequence,
    routeSet: recordedRoutes(message),
    app,
    ownsCallId: false,
  });
  dialog.refresh(incoming);
  return dialog;
}

/** The dialog that this response to our request makes (§12.1.2). */
export function clientDialog(incoming: Incoming<SipResponse>, app: AppId | undefined): Dialog {
  const { envelope, message } = incoming;
  const dialog = new Dialog({
    id: dialogIdOf(envelope.callId, envelope.fromTag),
    callId: envelope.callId,
    localTag: envelope.fromTag,
    remoteTag: envelope.toTag,
    localParty: headerValue(message.headers, 'from') ?? '',
    remoteParty: headerValue(message.headers, 'to') ?? '',
    localSequence: envelope.sequence,
    remoteSequence: 0,
    routeSet: recordedRoutes(message).toReversed(),
    app,
    ownsCallId: true,
  });
  dialog.refresh(incoming);
  return dialog;
}

/** All Record-Route values in order. A client's route set is their reverse. */
export const recordedRoutes = ({ headers }: SipMessage): readonly string[] =>
  headersNamed(headers, 'record-route').flatMap(({ value }) => splitList(value));

/** The first line of any SDP (RFC 8866 §5.1). */
export const isSdp = (body: Buffer): boolean => body.toString('latin1', 0, 3) === 'v=0';
