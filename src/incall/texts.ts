import { formatBytes } from '../base/sizes.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { ErrorEvent, InCallEvent, StoredTransfer, TransferStatus } from './events.ts';
import type { TextReading, Verb } from './text-commands.ts';

/**
 * What people read who have no phone that speaks our INFO (docs/in-call-protocol.md §4). One table, so that another
 * language is another file. One or two short sentences each: phones show few characters, and speak some of them.
 */
interface Texts {
  /** How each command is written. */
  readonly usage: Readonly<Record<Verb, string>>;
  readonly help: string;
  /** The command is ours, what follows it is not. */
  readonly misused: (usage: string) => string;
  /** No command of ours. @param usage of what was meant, perhaps. */
  readonly unknown: (usage: string | undefined) => string;
  /** What the platform says. An event without a text is not told to people. */
  readonly events: {
    readonly [Type in InCallEvent['type']]?: (
      event: Extract<InCallEvent, { type: Type }>,
    ) => string;
  };
  /** A status, as the answer to a command. */
  readonly status: Readonly<Partial<Record<Verb, (status: TransferStatus) => string>>>;
  /** Where the error's own text would not help enough. */
  readonly errors: Readonly<Partial<Record<ErrorCode, (error: ErrorEvent) => string>>>;
  /** What has no answer of the platform's. */
  readonly noPrompt: string;
  readonly noOffer: string;
  readonly noCall: string;
  readonly noAnswer: string;
}

/** Of an id: enough for a person to tell transfers apart, and to type. */
export const SHOWN_ID_CHARACTERS = 6;
/** Of a list: some phones do not show a text beyond 500 characters. */
export const SHOWN_TRANSFERS_MAX = 5;
const SHOWN_NAME_CHARACTERS = 32;

const ENGLISH: Texts = {
  usage: {
    store: '/store PIN [from NUMBER] [at 30%]',
    prompt: '/prompt PIN',
    give: '/give CODE to NUMBER',
    send: '/send [CODE]',
    play: '/play [ID] [live]',
    status: '/status',
    cancel: '/cancel [ID]',
    list: '/list PIN',
    delete: '/delete ID PIN',
    help: '/help',
  },
  help:
    '/store PIN: have the other party asked for a video. /send: you were asked, and send it. ' +
    '/play: see it while it comes. /list PIN and /delete ID PIN: your storage. ' +
    '/prompt PIN, /give CODE to NUMBER: ask whom you like. /status, /cancel.',
  misused: (usage) => `Please write: ${usage}`,
  unknown: (usage) =>
    usage === undefined
      ? 'I do not know that. /help tells what I know.'
      : `I do not know that. Did you mean ${usage}?`,
  events: {
    'storage-prompt': ({ re, receiver, code, capacity }) =>
      re === undefined
        ? `${receiver} asks you to send a video (up to ${formatBytes(capacity)}): ` +
          `write /send ${code}, then switch your video on.`
        : `Your code is ${code}: tell it to the sender, or write /give ${code} to NUMBER.`,
    'send-confirmation': () => 'Good. Now switch your video on.',
    'receive-offer': ({ sender, format, name, size, transfer }) =>
      `${sender} is sending you ${name ?? kindOf(format)}. ` +
      (size === undefined
        ? `Write /play to see it now; it is stored in any case.`
        : `It is in your storage: ${shownId(transfer)}.`),
    'receive-confirmation': () => 'Here it comes.',
    'transfer-status': ({ state, stored, delivered }) =>
      `${state}: ${formatBytes(stored)} stored, ${formatBytes(delivered)} delivered.`,
    'transfer-complete': ({ state, stored }) =>
      state === 'complete'
        ? `Done: ${formatBytes(stored)} stored.`
        : `The transfer ended early (${state}): ${formatBytes(stored)} stored.`,
    'transfer-list': ({ transfers, more, free }) => listText(transfers, more, free),
    'transfer-deleted': ({ transfer, free }) =>
      `${shownId(transfer)} is deleted; ${formatBytes(free)} are free.`,
    error: ({ text }) => `Sorry: ${text}.`,
  },
  status: {
    store: () => 'I have asked. You will be told when it comes.',
    give: () => 'I have passed it on.',
    cancel: ({ state }) => `It is over (${state}).`,
  },
  errors: {
    'not-authorized': () => 'Sorry: the PIN is wrong, or the number has no storage.',
    'no-space': ({ free = 0 }) =>
      `Sorry: there is no room, ${formatBytes(free)} are free. /list PIN shows what could go.`,
  },
  noPrompt: 'I know no such code. /send CODE, please, with the code that you were told.',
  noOffer: 'Nothing is on offer now. /list PIN shows what is in your storage.',
  noCall: 'That needs a call: call first, then write it again.',
  noAnswer: 'Sorry: that takes too long. Please try again.',
};

/** @returns undefined when there is nothing to tell a person. @param verb the command that it answers. */
export function textOf(event: InCallEvent, verb?: Verb): string | undefined {
  if (event.type === 'error') return (ENGLISH.errors[event.code] ?? ENGLISH.events.error)?.(event);
  if (event.type === 'transfer-status') {
    const write = verb === undefined ? undefined : ENGLISH.status[verb];
    if (write !== undefined) return write(event);
    // Unasked it would be a text a second.
    if (event.re === undefined) return undefined;
  }
  const write = ENGLISH.events[event.type] as ((event: InCallEvent) => string) | undefined;
  return write?.(event);
}

/** What is said of a text that is no command. */
export function correctionOf(reading: Exclude<TextReading, { kind: 'command' }>): string {
  if (reading.kind === 'misused') return ENGLISH.misused(ENGLISH.usage[reading.verb]);
  return ENGLISH.unknown(
    reading.nearest === undefined ? undefined : ENGLISH.usage[reading.nearest],
  );
}

export type SayingName = 'help' | 'noPrompt' | 'noOffer' | 'noCall' | 'noAnswer';

/** What the platform says without having been asked to do anything. */
export const SAYINGS: Readonly<Pick<Texts, SayingName>> = ENGLISH;

const shownId = (transfer: string): string => transfer.slice(0, SHOWN_ID_CHARACTERS);

const KINDS: Readonly<Record<string, string>> = {
  video: 'a video',
  audio: 'a recording',
  image: 'a picture',
};

const kindOf = (format: string): string => KINDS[format.split('/', 1)[0] ?? ''] ?? 'a file';

function listText(transfers: readonly StoredTransfer[], more: boolean, free: number): string {
  const end = `${formatBytes(free)} are free.`;
  if (transfers.length === 0) return `Your storage is empty; ${end}`;
  const shown = transfers.slice(0, SHOWN_TRANSFERS_MAX).map(lineOf);
  const isCut = more || transfers.length > SHOWN_TRANSFERS_MAX;
  return [...shown, ...(isCut ? ['… and older ones.'] : []), end].join('\n');
}

function lineOf({ transfer, format, name, size, durationMs, created }: StoredTransfer): string {
  const what = Array.from(name ?? format)
    .slice(0, SHOWN_NAME_CHARACTERS)
    .join('');
  const length = durationMs === undefined ? '' : `, ${Math.round(durationMs / 1_000)} s`;
  const day = created.slice(0, 16).replace('T', ' ');
  return `${shownId(transfer)} ${day} ${what}${length}, ${formatBytes(size)}`;
}
