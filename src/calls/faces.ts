import type { InCallEvent } from '../incall/events.ts';
import type { Parties, Party, PlacedOffer } from '../transfers/ports.ts';
import type { KeyFace } from './key-face.ts';
import type { Invitations } from './invitations.ts';
import type { OwnLines } from './own-lines.ts';
import type { Questions } from './questions.ts';

export interface FacesParts {
  readonly lines: Omit<Parties, 'offer'>;
  readonly questions: Pick<Questions, 'take'>;
  readonly invitations: Invitations;
  readonly ownLines: Pick<OwnLines, 'note' | 'place'>;
  /** Absent while star codes are off. */
  readonly keys?: Pick<KeyFace, 'tell'> | undefined;
}

/**
 * Where the platform's events part: an answer to what we asked for somebody comes back to us, all else goes to the phone. The transfer
 * logic never knows which it was.
 */
export class Faces implements Parties {
  readonly #parts: FacesParts;

  constructor(parts: FacesParts) {
    this.#parts = parts;
  }

  tell(party: Party, event: InCallEvent): void {
    const { lines, questions, invitations, ownLines, keys } = this.#parts;
    invitations.note(party.number, event);
    ownLines.note(party, event);
    if (questions.take(event)) return;
    lines.tell(party, event);
    keys?.tell(party, event);
  }

  inCall(number: string, call: string | undefined): Promise<Party | undefined> {
    return this.#parts.lines.inCall(number, call);
  }

  reachable(number: string): Promise<Party | undefined> {
    return this.#parts.lines.reachable(number);
  }

  offer(party: Party, transfer: string, sdp: string): Promise<PlacedOffer> {
    return this.#parts.ownLines.place(party, transfer, sdp);
  }
}
