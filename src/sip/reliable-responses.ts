import type { Dialog } from './dialog.ts';
import type { RAck } from './rack.ts';

/** Responses that wait for the application's PRACK; the oldest is forgotten, its peer will repeat it in vain. */
export const UNCLAIMED_MAX = 32;

/** The reliable provisional responses to one INVITE of ours, of all its forks: RFC 3262 §4, the client's side. */
export class ReliableResponses {
  /** CSeq number of the INVITE. */
  readonly #sequence: number;
  /** The last number of each fork. */
  readonly #last = new Map<Dialog, number>();
  /** What the application was shown and has not acknowledged, oldest first. */
  #unclaimed: { readonly dialog: Dialog; readonly rseq: number }[] = [];

  constructor(sequence: number) {
    this.#sequence = sequence;
  }

  /** Takes note of a response. @returns false when it is a repetition or ahead of its turn: it must be ignored. */
  inOrder(dialog: Dialog, rseq: number): boolean {
    const last = this.#last.get(dialog);
    if (last !== undefined && rseq !== last + 1) return false;
    this.#last.set(dialog, rseq);
    this.#unclaimed = [...this.#unclaimed.slice(1 - UNCLAIMED_MAX), { dialog, rseq }];
    return true;
  }

  /**
   * The fork that a PRACK is for. Forks number on their own and the wire protocol names them all alike, so of two
   * with this number it is the one whose response came first: applications acknowledge in order.
   */
  claim({ rseq, sequence, method }: RAck): Dialog | undefined {
    if (method !== 'INVITE' || sequence !== this.#sequence) return undefined;
    const at = this.#unclaimed.findIndex((each) => each.rseq === rseq);
    return at < 0 ? undefined : this.#unclaimed.splice(at, 1)[0]?.dialog;
  }
}
