import { MidcallError } from '../base/errors.ts';
import { anchorSession } from '../sdp/anchor.ts';
import { isHeldByAddress, isRtpLine, parseSession, remoteOf } from '../sdp/session.ts';
import type { MediaLine, Session } from '../sdp/session.ts';
import type { StarCodes } from '../incall/star-codes.ts';
import { formatsOf } from '../sdp/storage-leg.ts';
import type {
  MediaPlane,
  PromptAudio,
  RelayCounts,
  RelayPorts,
  RelaySide,
  RelayVoice,
  SignalledRemote,
} from '../transfers/media-plane.ts';

/** Whose source may be learnt (media/peer.ts). */
export type NatSides = Readonly<Record<RelaySide, boolean>>;
const NO_NAT: NatSides = { caller: false, callee: false };

/**
 * Anchors the media of one call: each RTP line goes through a relay of the media plane, and each side's SDP is rewritten
 * to point there. Lines that are not RTP are left as they are.
 */
export class MediaAnchor {
  readonly #call: string;
  readonly #media: MediaPlane;
  /** Which side's packets may come from behind a NAT. */
  readonly #nat: NatSides;
  /** By index of the m-line: offers and answers keep the order (RFC 3264 §8). */
  readonly #relays = new Map<number, RelayPorts>();
  /** The last SDP of each side that counts. */
  readonly #signalled = new Map<RelaySide, Session>();
  /** What keys mean; undefined: nobody looks into the voice. */
  readonly #codes: StarCodes | undefined;
  /** The line that prompts are said into, once there is one. */
  #voiceLine: number | undefined;
  #closed = false;

  constructor(call: string, media: MediaPlane, nat: NatSides = NO_NAT, codes?: StarCodes) {
    this.#call = call;
    this.#media = media;
    this.#nat = nat;
    this.#codes = codes;
  }

  /**
   * Takes an SDP that one side sent and gives the one that the other side gets.
   * @throws MediaAnchorError when it can't be read or no port is free.
   */
  async pass(sdp: string, from: RelaySide): Promise<string> {
    const session = parseSession(sdp);
    if (!session.ok) throw new MediaAnchorError(488, session.code);
    await this.#pointAll(session.value, from);
    const facing = from === 'caller' ? 'callee' : 'caller';
    return anchorSession(sdp, (index) => {
      const line = session.value.lines[index];
      if (line === undefined || !isAnchored(line) || isHeldByAddress(session.value, line))
        return undefined;
      return this.#relays.get(index)?.[facing];
    });
  }

  /**
   * An offer inside the call is on its way to the other side, and may be refused: then the session goes on as it was (RFC 3261
   * §14.1), and so must the media.
   * @returns what to call when it was refused.
   */
  remember(from: RelaySide): () => Promise<void> {
    const before = this.#signalled.get(from);
    return async () => {
      if (before !== undefined) await this.#pointAll(before, from);
    };
  }

  /** A line that was rejected, or is gone, has no media any more: its old address may be another's by now. */
  async #pointAll(session: Session, from: RelaySide): Promise<void> {
    this.#signalled.set(from, session);
    for (const [index, line] of session.lines.entries())
      if (isAnchored(line)) await this.#pointTo(session, index, from);
    for (const index of this.#relays.keys()) {
      const line = session.lines[index];
      if (line === undefined || !isAnchored(line)) await this.#stop(index, from);
    }
  }

  async #pointTo(session: Session, index: number, from: RelaySide): Promise<void> {
    const line = session.lines[index];
    if (line === undefined || this.#closed) return;
    const at = remoteOf(session, line);
    const remote = at && { ...at, ...(this.#nat[from] ? { behindNat: true } : {}) };
    if (!this.#relays.has(index)) await this.#open(index, { side: from, remote });
    else await this.#media.setRelayRemote(this.#relayOf(index), from, remote);
    if (this.#codes === undefined || line.type !== 'audio') return;
    this.#voiceLine ??= index;
    const voice = voiceOf(session, line, this.#codes);
    await this.#media.setRelayVoice(this.#relayOf(index), from, voice);
  }

  /** Says something to one side alone. @returns false when there is no voice that could be touched. */
  async play(side: RelaySide, audio: PromptAudio): Promise<boolean> {
    if (this.#closed || this.#voiceLine === undefined) return false;
    return this.#media.playPrompt(this.#relayOf(this.#voiceLine), side, audio);
  }

  async #stop(index: number, side: RelaySide): Promise<void> {
    if (!this.#closed) await this.#media.setRelayRemote(this.#relayOf(index), side, undefined);
  }

  /** The call may end meanwhile, and then nobody else would close what opens now. */
  async #open(index: number, first: SignalledRemote): Promise<void> {
    const relay = this.#relayOf(index);
    let ports: RelayPorts;
    try {
      ports = await this.#media.openRelay(relay, first);
    } catch (cause) {
      if (cause instanceof MidcallError && cause.code === 'bad-request')
        throw new MediaAnchorError(488, cause.message, { cause });
      throw new MediaAnchorError(503, 'no media port is free', { cause });
    }
    this.#relays.set(index, ports);
    if (!this.#closed) return;
    await this.close();
    throw new MediaAnchorError(487, 'the call is over');
  }

  /** Whether one of these relays is this call's. */
  isOneOf(relays: ReadonlySet<string>): boolean {
    return [...this.#relays.keys()].some((index) => relays.has(this.#relayOf(index)));
  }

  /** Never rejects: what a media plane that died can't close is closed already. Repeatable. @returns what passed. */
  async close(): Promise<RelayCounts> {
    this.#closed = true;
    const relays = [...this.#relays.keys()];
    this.#relays.clear();
    const closed = await Promise.allSettled(
      relays.map((index) => this.#media.closeRelay(this.#relayOf(index))),
    );
    return closed
      .flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      .reduce(sum, NOTHING);
  }

  #relayOf(index: number): string {
    return `${this.#call}.${index}`;
  }
}

/** The call whose relay has that name. */
export const callOfRelay = (relay: string): string => relay.slice(0, relay.lastIndexOf('.'));

/** What may be done with the voice for the owner of a line: nothing where it may be encrypted. */
const voiceOf = (session: Session, line: MediaLine, codes: StarCodes): RelayVoice | undefined =>
  session.hasKeys || line.protocol.includes('SAVP')
    ? undefined
    : { formats: formatsOf(line), codes };
const NOTHING: RelayCounts = { fromCaller: 0, fromCallee: 0, foreign: 0 };
const sum = (a: RelayCounts, b: RelayCounts): RelayCounts => ({
  fromCaller: a.fromCaller + b.fromCaller,
  fromCallee: a.fromCallee + b.fromCallee,
  foreign: a.foreign + b.foreign,
});

/** A rejected line (port 0) has no media to anchor. */
const isAnchored = (line: MediaLine): boolean => isRtpLine(line) && line.port !== 0;

/** Why a session can't be anchored, as the SIP status to refuse it with. */
export class MediaAnchorError extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'MediaAnchorError';
    this.status = status;
  }
}
