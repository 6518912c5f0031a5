import type { EventLine } from '../../sip-scripts/phone/lines.ts';
import { readMessage, type InCallMessage } from '../../sip-scripts/in-call-message.ts';
import type { TransferPlan, User } from './plan.ts';

/** What the phones were told of one transfer. */
export interface Entry {
  readonly plan: TransferPlan;
  /** What its sender sends. */
  readonly file: string;
  /** The most bytes that were called stored. */
  stored: number;
  isConfirmed: boolean;
  /** The last word, by who heard it. */
  readonly completes: Map<User, InCallMessage[]>;
  /** It was asked to be deleted; and that was answered. */
  isDeleting: boolean;
  isDeleted: boolean;
  isCancelled: boolean;
}

/** All that the phones were told, by transfer. */
export class Book {
  readonly entries = new Map<string, Entry>();
  /** When this page was begun, epoch ms. */
  begunAt = 0;
  /** Texts, which say what recovery has to say. */
  readonly texts = new Map<User, string[]>();
  /** Told of each message as it comes. */
  heard: (message: InCallMessage) => void = () => {};

  /** A new page. */
  begin(): void {
    this.entries.clear();
    this.texts.clear();
    this.begunAt = Date.now();
  }

  /** Whether a party has heard the last word on a transfer inside the call. */
  hasHeard(transfer: string, user: User): boolean {
    return this.entries.get(transfer)?.completes.has(user) === true;
  }

  open(transfer: string, plan: TransferPlan, file: string): Entry {
    const entry: Entry = {
      plan,
      file,
      stored: 0,
      isConfirmed: false,
      completes: new Map(),
      isDeleting: false,
      isDeleted: false,
      isCancelled: false,
    };
    this.entries.set(transfer, entry);
    return entry;
  }

  note(user: User, event: EventLine): void {
    if (event.event === 'message')
      this.texts.set(user, [...(this.texts.get(user) ?? []), String(event['text'])]);
    const message = readMessage(event);
    if (message === undefined) return;
    const entry = this.entries.get(message.transfer ?? '');
    if (entry !== undefined) noteIn(entry, user, message);
    this.heard(message);
  }
}

function noteIn(entry: Entry, user: User, message: InCallMessage): void {
  if (message.type === 'store-confirmation') entry.isConfirmed = true;
  if (message.type === 'transfer-deleted') entry.isDeleted = true;
  if (message.type === 'transfer-status' || message.type === 'transfer-complete')
    entry.stored = Math.max(entry.stored, Number(message['stored']));
  if (message.type !== 'transfer-complete') return;
  const words = entry.completes.get(user) ?? [];
  entry.completes.set(user, [...words, message]);
}
