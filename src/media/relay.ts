import type { Instant } from '../base/units.ts';
import type { KeySaying } from '../incall/key-reader.ts';
import type {
  PromptAudio,
  RelayCounts,
  RelayPorts,
  RelaySide,
  RelayVoice,
} from '../transfers/media-plane.ts';
import type { MediaContext } from './context.ts';
import type { ByteRange, DatagramBatch, DatagramSender } from './datagrams.ts';
import { EarlyPackets } from './early-packets.ts';
import { LineVoice } from './line-voice.ts';
import type { Peer } from './peer.ts';
import type { Receiver, SocketPair } from './socket-pairs.ts';
import type { Totals } from './totals.ts';

/** One side of a relayed line. */
interface Side {
  readonly pair: SocketPair;
  /** Undefined while on hold or not signalled yet. */
  peer: Peer | undefined;
  /** RTP packets from this side that were sent on. */
  passed: number;
  /** What we have to do with the voice for this side; undefined: nothing. */
  voice: LineVoice | undefined;
  /** Until it is signalled for the first time. */
  early: EarlyPackets | 'none yet' | 'over';
}

/** What a relay shares with the rest of its thread. */
export type RelayContext = Pick<MediaContext, 'out' | 'totals' | 'schedule' | 'random'>;

/**
 * Carries one voice line between two phones: what the signalled address of one side sends leaves from our address of the
 * other side, untouched, so that encrypted media passes too.
 *
 *    caller ──► [pair caller] ──► [pair callee] ──► callee
 *           ◄──               ◄──               ◄──
 */
export class Relay {
  readonly #caller: Side;
  readonly #callee: Side;
  readonly #context: RelayContext;
  readonly #out: DatagramSender;
  readonly #totals: Totals;
  readonly #say: (side: RelaySide, saying: KeySaying) => void;
  /** From an address that was neither signalled nor learnt. */
  #foreign = 0;
  /** Reused for each packet. */
  readonly #range: { -readonly [K in keyof ByteRange]: number } = { start: 0, end: 0 };

  /** @param say told what somebody types for us. */
  constructor(
    pairs: Pairs,
    context: RelayContext,
    say: (side: RelaySide, saying: KeySaying) => void = () => {},
  ) {
    this.#caller = sideOn(pairs.caller);
    this.#callee = sideOn(pairs.callee);
    this.#context = context;
    this.#out = context.out;
    this.#totals = context.totals;
    this.#say = say;
  }

  get pairs(): Pairs {
    return { caller: this.#caller.pair, callee: this.#callee.pair };
  }

  get ports(): RelayPorts {
    return { caller: this.#caller.pair.ports, callee: this.#callee.pair.ports };
  }

  get counts(): RelayCounts {
    return {
      fromCaller: this.#caller.passed,
      fromCallee: this.#callee.passed,
      foreign: this.#foreign,
    };
  }

  /**
   * New signalling from one side. What says nothing new keeps what was learnt, so that a refresh opens no door. Both learn from
   * now on, as far as they still have to: media begins when both are known, and once more when the callee has answered. What the
   * signalled address of a side sent before its first signalling is passed on now; nothing is learnt of it.
   */
  setPeer(side: RelaySide, peer: Peer | undefined, now: Instant): void {
    const at = this.#sideOf(side);
    const isNew = peer === undefined || at.peer?.isSignalledLike(peer) !== true;
    if (isNew) at.peer = peer;
    this.#releaseEarly(side, now);
    if (this.#caller.peer === undefined || this.#callee.peer === undefined) return;
    this.#caller.peer.learnFrom(now);
    this.#callee.peer.learnFrom(now);
  }

  /** What packets for that side may be; a change of nothing else leaves what is being typed and said. */
  setVoice(side: RelaySide, voice: RelayVoice | undefined): void {
    const to = this.#sideOf(side);
    if (voice === undefined) {
      to.voice?.end();
      to.voice = undefined;
      return;
    }
    const typist = side === 'caller' ? 'callee' : 'caller';
    to.voice ??= new LineVoice(voice.codes, {
      ...this.#context,
      say: (saying) => this.#say(typist, saying),
      send: (slab, range) => this.#sendRtp(to, slab, range),
    });
    to.voice.setFormats(voice.formats);
  }

  /** Says something to one side. @returns false when its packets can't be touched. */
  play(side: RelaySide, audio: PromptAudio, now: Instant): boolean {
    return this.#sideOf(side).voice?.play(audio, now) ?? false;
  }

  close(now: Instant): void {
    for (const side of ['caller', 'callee'] as const) {
      this.setVoice(side, undefined);
      this.#releaseEarly(side, now);
    }
  }

  /** Receivers for the RTP and the RTCP socket of one side. */
  receivers(side: RelaySide): { readonly rtp: Receiver; readonly rtcp: Receiver } {
    const from = this.#sideOf(side);
    const to = this.#facing(side);
    return {
      rtp: { receive: (batch, index) => this.#receiveRtp(from, to, batch, index) },
      rtcp: { receive: (batch, index) => this.#receiveRtcp(from, to, batch, index) },
    };
  }

  #sideOf(side: RelaySide): Side {
    return side === 'caller' ? this.#caller : this.#callee;
  }

  #facing(side: RelaySide): Side {
    return side === 'caller' ? this.#callee : this.#caller;
  }

  #releaseEarly(side: RelaySide, now: Instant): void {
    const [from, to] = [this.#sideOf(side), this.#facing(side)];
    const { early } = from;
    from.early = 'over';
    if (early === 'none yet' || early === 'over') return;
    this.#refuse(
      early.release(from.peer?.rtp, now, (batch, at) => this.#passRtp(from, to, batch, at)),
    );
  }

  #keepEarly(from: Side, batch: DatagramBatch, index: number): void {
    if (from.early === 'over') return this.#refuse();
    if (from.early === 'none yet') from.early = new EarlyPackets();
    this.#refuse(from.early.keep(batch, index));
  }

  // oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
  #receiveRtp(from: Side, to: Side, batch: DatagramBatch, index: number): void {
    if (from.peer === undefined) return this.#keepEarly(from, batch, index);
    if (!from.peer.admitsRtp(batch, index)) return this.#refuse();
    this.#passRtp(from, to, batch, index);
  }

  // oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
  #passRtp(from: Side, to: Side, batch: DatagramBatch, index: number): void {
    if (from.peer?.isRtcp(batch, index) === true) return this.#passRtcp(to, batch, index);
    this.#setRange(batch, index);
    // The voice also while its side is on hold: keys are for us.
    const isSent =
      to.voice === undefined
        ? this.#sendRtp(to, batch.slab, this.#range)
        : to.voice.pass(batch, index);
    if (isSent) from.passed++;
  }

  /** @returns whether it left: a side that is on hold, or not signalled yet, is sent nothing. */
  #sendRtp({ pair, peer }: Side, slab: Uint8Array, range: ByteRange): boolean {
    return peer !== undefined && this.#out.send(pair.rtp, slab, range, peer.rtp);
  }

  // oxlint-disable-next-line max-params -- called per packet; an options object would be an allocation
  #receiveRtcp(from: Side, to: Side, batch: DatagramBatch, index: number): void {
    if (from.peer?.admitsRtcp(batch, index) !== true) return this.#refuse();
    this.#passRtcp(to, batch, index);
  }

  /** To a peer that muxes, RTCP leaves from the RTP socket, or it would not know it (RFC 5761 §5.1.1). */
  #passRtcp(to: Side, batch: DatagramBatch, index: number): void {
    if (to.peer === undefined) return;
    this.#setRange(batch, index);
    const socket = to.peer.muxed ? to.pair.rtp : to.pair.rtcp;
    this.#out.send(socket, batch.slab, this.#range, to.peer.rtcp);
  }

  #setRange(batch: DatagramBatch, index: number): void {
    this.#range.start = batch.start(index);
    this.#range.end = batch.end(index);
  }

  #refuse(packets = 1): void {
    this.#foreign += packets;
    this.#totals.foreign += packets;
  }
}

const sideOn = (pair: SocketPair): Side => ({
  pair,
  peer: undefined,
  passed: 0,
  voice: undefined,
  early: 'none yet',
});

interface Pairs {
  readonly caller: SocketPair;
  readonly callee: SocketPair;
}
