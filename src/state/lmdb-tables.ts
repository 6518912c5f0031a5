import { open, type Database, type RootDatabase } from 'lmdb';
import type { Mail } from '../transfers/mail.ts';
import type { TransferRecord } from '../transfers/record.ts';
import type { Prompt, Subscriber } from '../transfers/store.ts';
import type { DeadMail } from './outbox.ts';
import type { Binding, CallPlace, NodeLease } from './state-store.ts';

/** More than there are below. */
const TABLES_MAX = 24;

/** What a message id has come to: being worked on while there is no answer. */
export interface RequestEntry {
  readonly expiresAt: number;
  readonly answer?: string;
}

export interface BindingEntry {
  readonly binding: Binding;
  /** Grows with each registration: the newest comes first. */
  readonly order: number;
}

export interface PlaceEntry {
  readonly place: CallPlace;
  /** Grows with each call: the newest comes first. */
  readonly order: number;
}

/** The mail of a transfer. */
export interface Letterbox {
  readonly dueAt: number;
  /** Of the first one. */
  readonly attempts: number;
  /** The latest of the first one. */
  readonly claim: number;
  readonly mails: readonly Mail[];
}

/** Something that goes away by itself. */
export type ExpiringKind = 'prompt' | 'request' | 'binding' | 'place';

/**
 * The layout of the lmdb file. One file, so that one transaction can span tables. Values are JSON: they can be read with
 * any tool after an accident. What people choose the length of is hashed in keys, which have 1,978 bytes at most.
 */
export interface LmdbTables {
  readonly root: RootDatabase;
  /** id → subscriber */
  readonly subscribers: Database<Subscriber, string>;
  /** account → bytes held by all its transfers */
  readonly used: Database<number, string>;
  /** account, transfer → bytes held */
  readonly held: Database<number, [string, string]>;
  /** token → prompt */
  readonly prompts: Database<Prompt, string>;
  /** code → token */
  readonly codes: Database<string, string>;
  /** id → record */
  readonly transfers: Database<TransferRecord, string>;
  /** account, creation, id: an index of `transfers` */
  readonly accounts: Database<true, [string, number, string]>;
  /** id: an index of those that are not over */
  readonly live: Database<true, string>;
  /** transfer → its mail, if there is any */
  readonly letterboxes: Database<Letterbox, string>;
  /** when, transfer: an index of `letterboxes` */
  readonly dueMail: Database<true, [number, string]>;
  /** event → what was given up of it */
  readonly deadMail: Database<DeadMail, string>;
  /** hash of party and id → progress */
  readonly requests: Database<RequestEntry, string>;
  /** subscriber, hash of contact → binding */
  readonly bindings: Database<BindingEntry, [string, string]>;
  /** name → lease */
  readonly nodes: Database<NodeLease, string>;
  /** number, call and side → place */
  readonly places: Database<PlaceEntry, [string, string]>;
  /** when, what, its key: an index of all that goes away by itself */
  readonly expiries: Database<true, [number, ExpiringKind, string, string]>;
  readonly counters: Database<number, string>;
}

/** @param folder is made when it is not there. */
export function openTables(folder: string): LmdbTables {
  // Without overlapping syncs a promise resolves only when the disk has the data.
  const root = open({ path: folder, maxDbs: TABLES_MAX, overlappingSync: false, encoding: 'json' });
  const table = <V, K extends string | (string | number)[]>(name: string): Database<V, K> =>
    root.openDB<V, K>({ name, encoding: 'json' });
  return {
    root,
    subscribers: table('subscribers'),
    used: table('used'),
    held: table('held'),
    prompts: table('prompts'),
    codes: table('codes'),
    transfers: table('transfers'),
    accounts: table('accounts'),
    live: table('live'),
    letterboxes: table('letterboxes'),
    dueMail: table('dueMail'),
    deadMail: table('deadMail'),
    requests: table('requests'),
    bindings: table('bindings'),
    nodes: table('nodes'),
    places: table('places'),
    expiries: table('expiries'),
    counters: table('counters'),
  };
}
