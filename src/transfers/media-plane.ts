import type { ByteRange } from '../base/byte-range.ts';
import type { KeySaying } from '../incall/key-reader.ts';
import type { StarCodes } from '../incall/star-codes.ts';
import type { PayloadFormat } from '../rtp/payload-format.ts';
import type { SrtpKey } from '../rtp/srtp/suites.ts';
import type { Refresh } from '../sdp/storage-leg.ts';
import type { RtpAddress, RtpPorts } from '../rtp/transport-address.ts';

export type { PayloadFormat, RtpAddress, RtpPorts };

/** Where one side of a relay wants its packets. */
export interface SignalledRemote {
  readonly side: RelaySide;
  readonly remote: RtpAddress | undefined;
}

/**
 * What the control plane may ask of the media plane, and what it hears from it. Implemented in media/ by a worker
 * thread; no packet ever crosses this line, only these calls and events.
 */
export interface MediaPlane {
  /** Opens the four sockets that anchor one voice (or other RTP) line of a call. @param first what is known of one side already. */
  openRelay(relay: string, first?: SignalledRemote): Promise<RelayPorts>;
  /** Where that side wants its packets, as signalled; undefined (hold, port 0) stops sending to it. */
  setRelayRemote(relay: string, side: RelaySide, remote: RtpAddress | undefined): Promise<void>;
  /**
   * What packets for that side may be, in plain RTP. Then keys among them are read, and prompts can be said into them; undefined,
   * as in the beginning: they pass untouched.
   */
  setRelayVoice(relay: string, side: RelaySide, voice: RelayVoice | undefined): Promise<void>;
  /** Says something to that side alone, after what is being said. @returns false when that can't be done. */
  playPrompt(relay: string, side: RelaySide, audio: PromptAudio): Promise<boolean>;
  closeRelay(relay: string): Promise<RelayCounts>;

  /** Opens the storage address of a prompt. Until `confirmIngest`, all that arrives is dropped and counted (M6). */
  openIngest(transfer: string): Promise<RtpPorts>;
  confirmIngest(transfer: string, terms: IngestTerms): Promise<void>;
  /**
   * Ends an ingest: what is in the jitter buffer is stored, the spool is synced, and `ingest-ended` follows with this cause.
   * Harmless when there is none.
   */
  endIngest(transfer: string, cause: 'end-of-data' | 'stopped'): Promise<void>;
  /** Closes the sockets of an ingest that was never confirmed, or has ended. The spool stays. */
  closeIngest(transfer: string): Promise<void>;

  /** Opens the local address that a delivery is sent from. */
  openDelivery(delivery: string): Promise<RtpPorts>;
  startDelivery(delivery: string, terms: DeliveryTerms): Promise<void>;
  /** Ends a delivery and closes its sockets; `delivery-ended` follows with cause `stopped` if it was running. */
  closeDelivery(delivery: string): Promise<void>;

  /** One listener, set before the first call. */
  listen(listener: (event: MediaEvent) => void): void;
  counts(): Promise<MediaCounts>;
  close(): Promise<void>;
}

export type RelaySide = 'caller' | 'callee';

/** `caller` faces the caller: its packets arrive there, and the callee's are sent from there. */
export interface RelayPorts {
  readonly caller: RtpPorts;
  readonly callee: RtpPorts;
}

export interface RelayVoice {
  /** By payload type, as the side's SDP has them, in its order of preference. */
  readonly formats: readonly PayloadFormat[];
  /** That the other side may type. */
  readonly codes: StarCodes;
}

/** Speech that is said to one side, in each way that it may be sent. */
export interface PromptAudio {
  /** µ-law, 8 kHz. */
  readonly ulaw: Uint8Array;
  /** Opus packets, each one frame of 20 ms. */
  readonly opus: readonly Uint8Array[];
}

export interface RelayCounts {
  /** RTP packets received from each side and sent on. */
  readonly fromCaller: number;
  readonly fromCallee: number;
  /** From an address that was not signalled: dropped. */
  readonly foreign: number;
}

/** `file`: octet-stream payload, every byte counts. `media`: a stream with a clock, gaps stay gaps. */
export type StreamKind = 'media' | 'file';

/** Keys of one storage leg: theirs for what comes in, ours for what goes out (RFC 4568 §5.1). */
export interface SrtpKeys {
  readonly incoming: SrtpKey;
  readonly outgoing: SrtpKey;
}

export interface IngestTerms {
  readonly kind: StreamKind;
  readonly format: PayloadFormat;
  /** Telephone events in the same stream (RFC 4733): stored with it, but none of its data. */
  readonly events?: PayloadFormat;
  readonly remote: RtpAddress;
  /** How to ask the sender for a key frame; of video only. */
  readonly refresh?: Refresh;
  /** The sender of a stream sends lost packets again when asked (RFC 4585 §6.2.1); that of a file always does. */
  readonly nack?: true;
  /** Undefined for plain RTP. */
  readonly srtp?: SrtpKeys;
  /** Data bytes (RTP payload, without the octet-stream header) that may be stored; one more ends it with cause `limit`. */
  readonly sizeMax: number;
  /** Data bytes announced, when known. A file is complete when it has them all. */
  readonly size?: number;
  /**
   * A file that goes on: these of its bytes are in the spool already, which is there then (`Recorder.seed`). Sorted, without
   * overlaps, not empty.
   */
  readonly have?: readonly ByteRange[];
  /** Milliseconds without a packet after which it ends with cause `idle`. */
  readonly idleMs: number;
  /** Written as the spool's first record, so that the spool can be understood alone. JSON. */
  readonly header: Readonly<Record<string, unknown>>;
}

export interface DeliveryTerms {
  readonly transfer: string;
  readonly kind: StreamKind;
  /** The receiver's payload type for the same encoding. */
  readonly payloadType: number;
  /** The payload type in the spool: others are not sent. Absent: all are. */
  readonly storedType?: number;
  /** Of the stored stream, such as `VP8`: video begins at a key frame. */
  readonly encoding?: string;
  readonly clockRate: number;
  /** The receiver of a stream may ask for lost packets; that of a file always may. */
  readonly nack?: true;
  readonly remote: RtpAddress;
  /** Undefined for plain RTP. */
  readonly srtp?: SrtpKeys;
  /** bit/s for files; media goes at its own clock. */
  readonly maxRate: number;
  /** `start`: the first byte. `live`: the newest of a stream that comes in, as far as its jitter allows; of others the first byte. */
  readonly from: 'start' | 'live';
}

/** Four fates of a packet beside being received (house-style.md, Words); they never overlap. */
export interface ReceptionCounts {
  readonly received: number;
  readonly expected: number;
  /** Never came. */
  readonly lost: number;
  /** Came after its place had been given up. */
  readonly late: number;
  readonly duplicate: number;
  /** No room: a limit of ours. */
  readonly dropped: number;
  /** From an address that was not signalled. */
  readonly foreign: number;
  /** Before the store request was confirmed. */
  readonly unconfirmed: number;
  /** Not RTP, another payload type, or a payload that can't be read. */
  readonly malformed: number;
  /** SRTP and SRTCP whose tag is wrong: another key, or damaged on the way. */
  readonly unauthentic: number;
  /** SRTP and SRTCP that came before, or are too old to tell (RFC 3711 §3.3.2). */
  readonly replayed: number;
  /** RFC 3550 §6.4.1, in milliseconds. */
  readonly jitterMs: number;
  /** Packets that went missing in the last two seconds; of a file also those that were repaired. */
  readonly lostRecently: number;
  /** How much later than the fastest 99 of 100 packets come, in milliseconds (RFC 5481 §4.2); 0 while not known. */
  readonly delayVariationMs: number;
  /** Packets asked for again that came: of a stream under their own numbers, of a file their bytes. Not one of the fates. */
  readonly repaired: number;
  /** Stretches of consecutive lost packets. */
  readonly gaps: number;
}

/** How data comes in, as seen of late. */
export interface Arrivals {
  /** Seconds of media that come in a second, over the last six; undefined while not known, and for files. */
  readonly pace?: number;
  /** How long a packet that is missing now would hold up those behind it, in milliseconds; 0 for files. */
  readonly waitMs: number;
  readonly reception: ReceptionCounts;
}

export type IngestEndCause =
  /** Every byte of an announced or marked file is stored, or `end-of-data` was heard. */
  | 'complete'
  /** The sender said it had sent all, but a file has holes. */
  | 'incomplete'
  /** RTCP BYE, or nothing came for `idleMs`. */
  | 'bye'
  | 'idle'
  /** More than `sizeMax`. */
  | 'limit'
  /** The disk failed or is full. */
  | 'disk'
  | 'stopped';

/** After a sync that made more data durable. */
export interface IngestProgress extends Arrivals {
  readonly type: 'ingest-progress';
  readonly transfer: string;
  /** Data bytes past that sync. */
  readonly stored: number;
  /** How long the sender has been sending, in seconds of media (0 for files). */
  readonly seconds: number;
}

export type DeliveryEndCause =
  | 'complete'
  | 'stopped'
  /** The receiver of a file fell silent, or nothing gets to it any more; or the spool can't be read. */
  | 'unreachable'
  /** Circuit breakers (media/circuit-breaker.ts): the receiver has stopped reporting, gets nothing, or the path is too full. */
  | 'silent'
  | 'not-arriving'
  | 'congested';

export type MediaEvent =
  | IngestProgress
  | {
      readonly type: 'ingest-ended';
      readonly transfer: string;
      readonly cause: IngestEndCause;
      readonly stored: number;
      readonly reception: ReceptionCounts;
    }
  | {
      readonly type: 'delivery-progress';
      readonly delivery: string;
      readonly transfer: string;
      readonly delivered: number;
    }
  | {
      readonly type: 'delivery-ended';
      readonly delivery: string;
      readonly transfer: string;
      readonly cause: DeliveryEndCause;
      readonly delivered: number;
      /** How often the stream ran dry and paused, and for how long altogether; of a file never. */
      readonly pauses: number;
      readonly pausedMs: number;
    }
  | {
      /** Somebody has typed something for us. There may be a PIN in it: never for the log. */
      readonly type: 'keys';
      readonly relay: string;
      /** Who typed. */
      readonly side: RelaySide;
      readonly saying: KeySaying;
    }
  | {
      /** A worker died: what it carried is over, and is named here. Without names, it was everything. */
      readonly type: 'plane-failed';
      readonly text: string;
      readonly relays?: readonly string[];
      readonly transfers?: readonly string[];
    };

/** Totals since start, for metrics and `doctor`. */
export interface MediaCounts {
  readonly relays: number;
  readonly ingests: number;
  readonly deliveries: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** The kernel had no room for them in a socket's receive buffer; 0 where that can't be known. */
  readonly kernelDropped: number;
  readonly foreign: number;
  readonly unconfirmed: number;
  readonly malformed: number;
  readonly unauthentic: number;
  readonly replayed: number;
  /** Key presses that came faster than fingers: not read. */
  readonly keysDropped: number;
}
