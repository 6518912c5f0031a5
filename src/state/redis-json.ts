import { MidcallError } from '../base/errors.ts';
import type { Mail } from '../transfers/mail.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { Prompt, Subscriber } from '../transfers/store.ts';
import type { DeadMail } from './outbox.ts';
import type { Binding, CallPlace, NodeLease } from './state-store.ts';

/**
 * JSON that we wrote ourselves, read back. That it is JSON and names what it should is checked; that its fields are ours is
 * believed, as the database is ours.
 */
function parse(text: string, field: string): object {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && field in value) return value;
  throw new MidcallError('storage-unavailable', `the state store has something else for ${field}`);
}

export const parseSubscriber = (text: string): Subscriber => parse(text, 'ha1') as Subscriber;
export const parsePrompt = (text: string): Prompt => parse(text, 'token') as Prompt;
export const parseRecord = (text: string): TransferRecord =>
  parse(text, 'ingest') as TransferRecord;
export const parseMail = (text: string): Mail => parse(text, 'body') as Mail;
export const parseDeadMail = (text: string): DeadMail => parse(text, 'cause') as DeadMail;
export const parseLease = (text: string): NodeLease => parse(text, 'holder') as NodeLease;
export const parsePlace = (text: string): CallPlace => parse(text, 'side') as CallPlace;
export const parseBinding = (text: string): Binding => parse(text, 'contact') as Binding;
