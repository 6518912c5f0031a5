import {
  asNextVersion,
  closedSection,
  directed,
  isClosed,
  joinSections,
  mediaSections,
  originOf,
  splitSections,
} from '../sdp/sections.ts';
import type { Section } from '../sdp/sections.ts';

/** A line of a phone's session whose other end is the platform, not the other phone. */
export interface OwnLine {
  readonly transfer: string;
  /** `storage`: the phone sends to us. `delivery`: we send to it. */
  readonly kind: 'storage' | 'delivery';
  /** Our description of it. */
  readonly section: Section;
}

/** What an SDP is to the one who gets it (RFC 3264). */
export type Role = 'offer' | 'answer';

/** What can be gone back to when an offer is refused. */
export interface Snapshot {
  readonly sent: string;
  readonly received: string;
}

/**
 * The session that one phone of a call sees: most of its lines are the other phone's, some may be the platform's own. Both phones keep
 * their lines in the order in which they came (RFC 3264 §8), so a line that only one of them has is closed for the other.
 *
 *    alice's session         what passes             bob's session
 *    audio   ◄──────────────── voice ────────────────►  audio
 *    video   ──► storage                  delivery ──►  video
 */
export class LegSession {
  /** The last SDP that the phone got from us, and that it said itself. */
  #sent = '';
  #received = '';
  readonly #own = new Map<number, OwnLine>();
  /** `o=` of the last SDP that the phone got. */
  #origin: string | undefined;
  /** The platform made an offer of its own here: from then on the versions are ours to count. */
  #isOurs = false;

  /** What the phone said, without the lines that it was refused. */
  get inForce(): string {
    const sent = mediaSections(this.#sent);
    const [session = [], ...media] = splitSections(this.#received);
    const kept = media.map((section, index) =>
      isClosed(sent[index] ?? CLOSED) ? closedSection(section) : section,
    );
    return joinSections([session, ...kept]);
  }

  get ownLines(): ReadonlyMap<number, OwnLine> {
    return this.#own;
  }

  own(index: number, line: OwnLine): void {
    this.#own.set(index, line);
  }

  /** The line's other end is not us any more. */
  disown(index: number): void {
    this.#own.delete(index);
  }

  snapshot(): Snapshot {
    return { sent: this.#sent, received: this.#received };
  }

  restore({ sent, received }: Snapshot): void {
    this.#sent = sent;
    this.#received = received;
  }

  /** The phone said this. @returns it without the lines that are ours, or `more` to be: the other phone sees them closed. */
  hear(sdp: string, more: ReadonlySet<number> = NONE): string {
    this.#received = sdp;
    if (this.#own.size === 0 && more.size === 0) return sdp;
    const [session = [], ...media] = splitSections(sdp);
    const passed = media.map((section, index) =>
      this.#own.has(index) || more.has(index) ? closedSection(section) : section,
    );
    return joinSections([session, ...passed]);
  }

  /** What the other phone said, on its way to this one: with our own lines, and as many as this phone knows of. */
  compose(sdp: string, role: Role): string {
    const [session = [], ...theirs] = splitSections(sdp);
    const count = this.#count(theirs, role);
    const isWhole = count === theirs.length || theirs.length === 0;
    if (this.#own.size === 0 && !this.#isOurs && isWhole) return this.#say(sdp);
    const sections = Array.from({ length: count }, (_, index) => this.#section(theirs, index));
    return this.#say(joinSections([session, ...sections]));
  }

  /** An offer of the platform's own: all as it is, but for one line. To be kept with `said` once it is accepted. */
  offerWith(index: number, section: Section): string {
    const [session = [], ...media] = splitSections(this.#sent);
    media[index] = section;
    const offer = joinSections([session, ...media]);
    return this.#origin === undefined ? offer : asNextVersion(offer, this.#origin);
  }

  /** Our own offer was answered. A line that the phone does not want is closed. */
  agreed(offer: string, answer: string): void {
    this.#isOurs = true;
    this.#received = answer;
    const [session = [], ...media] = splitSections(offer);
    const answered = mediaSections(answer);
    const kept = media.map((section, index) =>
      isClosed(answered[index] ?? CLOSED) ? closedSection(section) : section,
    );
    this.#sent = joinSections([session, ...kept]);
    this.#origin = originOf(offer);
  }

  /** Our own offer went out, whatever came of it: the next one has a higher version. */
  offered(offer: string): void {
    this.#isOurs = true;
    this.#origin = originOf(offer);
  }

  /** A line of that kind that nobody uses, or where the next one goes. */
  freeLine(media: string): number {
    const sent = mediaSections(this.#sent);
    const received = mediaSections(this.#received);
    const free = sent.findIndex(
      (section, index) =>
        section[0]?.startsWith(`m=${media} `) === true &&
        !this.#own.has(index) &&
        (isIdle(section) || isIdle(received[index] ?? CLOSED)),
    );
    return free < 0 ? sent.length : free;
  }

  #say(sdp: string): string {
    const said =
      this.#isOurs && this.#origin !== undefined ? asNextVersion(sdp, this.#origin) : sdp;
    this.#sent = said;
    this.#origin = originOf(said);
    return said;
  }

  /** An answer has the lines of its offer; an offer never has fewer than there were. */
  #count(theirs: readonly Section[], role: Role): number {
    const known = mediaSections(role === 'answer' ? this.#received : this.#sent).length;
    if (role === 'answer') return known === 0 ? theirs.length : known;
    const own = Math.max(-1, ...this.#own.keys()) + 1;
    const used = this.#own.size === 0 && known === 0 ? theirs.length : lastOpen(theirs) + 1;
    return Math.max(known, own, used);
  }

  #section(theirs: readonly Section[], index: number): Section {
    const own = this.#own.get(index)?.section;
    if (own !== undefined) return own;
    const known = mediaSections(this.#received)[index] ?? mediaSections(this.#sent)[index];
    return theirs[index] ?? closedSection(known ?? CLOSED);
  }
}

const NONE: ReadonlySet<number> = new Set();
/** Where nothing is known of a line but that it is not there. */
const CLOSED: Section = ['m=video 0 RTP/AVP 0'];

const isIdle = (section: Section): boolean => isClosed(section) || section.includes('a=inactive');

const lastOpen = (sections: readonly Section[]): number =>
  sections.findLastIndex((section) => !isClosed(section));

/** Our line for a phone that holds it, or resumes. */
export const heldSection = ({ kind, section }: OwnLine, isHeld: boolean): Section =>
  directed(section, isHeld ? 'inactive' : kind === 'storage' ? 'recvonly' : 'sendonly');
