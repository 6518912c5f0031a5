import {
  answerDirection,
  readSdp,
  receives,
  sends,
  writeSdp,
  type Direction,
  type LocalLine,
  type RemoteLine,
  type RtpRemote,
} from './phone-sdp.ts';

/** What both sides agreed on for the voice of a call. */
export interface VoiceTerms {
  /** Undefined while held or rejected by them. */
  readonly remote: RtpRemote | undefined;
  readonly sends: boolean;
  readonly receives: boolean;
}

export interface VoiceLineOptions {
  readonly address: string;
  readonly rtpPort: number;
  readonly rtcpPort: number;
  /** Random; names the session in `o=`. */
  readonly sessionId: number;
  /** Told after every exchange of offer and answer. */
  readonly agreed: (terms: VoiceTerms) => void;
}

/**
 * Offer and answer (RFC 3264) for a call with one PCMU line. Lines of other kinds are refused, and stay refused in our
 * later offers, since the number of lines never shrinks (§8).
 */
export class VoiceLine {
  readonly #options: VoiceLineOptions;
  #version = 0;
  /** What we want; a hold asks for less. */
  #wanted: Direction = 'sendrecv';
  #wantedBefore: Direction = 'sendrecv';
  /** Their lines, from the last description heard. */
  #theirs: readonly RemoteLine[] = [];
  /** Their offer waits for our answer. */
  #offered = false;
  /** Our offer waits for their answer. */
  #offering = false;

  constructor(options: VoiceLineOptions) {
    this.#options = options;
  }

  /** The last description heard is theirs: what tests look at. */
  get theirs(): readonly RemoteLine[] {
    return this.#theirs;
  }

  /** What the next offer of ours asks for. */
  want(direction: Direction): void {
    this.#wantedBefore = this.#wanted;
    this.#wanted = direction;
  }

  /** An answer when an offer waits for one, else an offer. @returns SDP text. */
  describe(): string {
    const answering = this.#offered;
    this.#offered = false;
    this.#offering = !answering;
    const direction = answering ? this.#answer() : this.#wanted;
    if (answering) this.#agree(direction);
    return this.#write(direction);
  }

  /** Their offer, or their answer to ours. @throws Error when it has no line for voice: sip.js answers 488. */
  hear(sdp: string): void {
    const lines = readSdp(sdp);
    if (!lines.some(isVoice)) throw new Error('no voice line');
    this.#theirs = lines;
    this.#offered = !this.#offering;
    if (this.#offering) this.#agree(this.#wanted);
    this.#offering = false;
  }

  /** Our offer was refused: all stays as it was (RFC 3261 §14.1). */
  rollBack(): void {
    this.#offering = false;
    this.#offered = false;
    this.#wanted = this.#wantedBefore;
  }

  #answer(): Direction {
    return answerDirection(this.#voice()?.direction ?? 'sendrecv', this.#wanted);
  }

  #agree(ours: Direction): void {
    const voice = this.#voice();
    const theirs = voice?.direction ?? 'inactive';
    this.#options.agreed({
      remote: voice?.remote,
      sends: sends(ours) && receives(theirs),
      receives: receives(ours) && sends(theirs),
    });
  }

  #voice(): RemoteLine | undefined {
    return this.#theirs.find(isVoice);
  }

  #write(direction: Direction): string {
    const { address, sessionId, rtpPort, rtcpPort } = this.#options;
    const ours: LocalLine = { kind: 'audio', rtpPort, rtcpPort, direction };
    const lines = this.#theirs.length === 0 ? [ours] : this.#theirs.map(replaceVoice(ours));
    this.#version++;
    return writeSdp({ address, sessionId, version: this.#version, lines });
  }
}

const isVoice = (line: RemoteLine): boolean =>
  line.media === 'audio' && line.formats.split(' ').includes('0');

/** Takes the first voice line for ours; a second one is refused. */
function replaceVoice(ours: LocalLine): (line: RemoteLine) => LocalLine | RemoteLine {
  let taken = false;
  return (line) => {
    if (taken || !isVoice(line)) return line;
    taken = true;
    return ours;
  };
}
