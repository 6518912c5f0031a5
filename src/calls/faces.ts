import type { InCallEvent } from '../incall/events.ts';
import type { Parties, Party } from '../transfers/ports.ts';
import type { Invitations } from './invitations.ts';
import type { Questions } from './questions.ts';

export interface FacesParts {
  readonly lines: Parties;
  readonly questions: Pick<Questions, 'take'>;
  readonly invitations: Invitations;
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
    const { lines, questions, invitations } = this.#parts;
    invitations.note(party.number, event);
    if (!questions.take(event)) lines.tell(party, event);
  }

  inCall(number: string, call: string | undefined): Party | undefined {
    return this.#parts.lines.inCall(number, call);
  }

  reachable(number: string): Promise<Party | undefined> {
    return this.#parts.lines.reachable(number);
  }
}
