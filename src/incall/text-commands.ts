import type { Threshold } from './commands.ts';
import { nearestWord } from './nearest-word.ts';
import { numberOf } from './number.ts';
import { parseThresholdText } from './threshold-text.ts';

/** What people type who have no phone that speaks our INFO (docs/in-call-protocol.md §4). */
export type TextCommand =
  | {
      readonly verb: 'store';
      readonly pin: string;
      readonly from?: string;
      readonly at?: Threshold;
    }
  | { readonly verb: 'prompt'; readonly pin: string }
  | { readonly verb: 'give'; readonly code: string; readonly to: string }
  | { readonly verb: 'send'; readonly code?: string }
  | { readonly verb: 'play'; readonly transfer?: string; readonly live: boolean }
  | { readonly verb: 'status' }
  | { readonly verb: 'cancel'; readonly transfer?: string }
  | { readonly verb: 'list'; readonly pin: string }
  | { readonly verb: 'delete'; readonly transfer: string; readonly pin: string }
  | { readonly verb: 'help' };

export type Verb = TextCommand['verb'];

/** `misused`: the verb is ours, what follows is not. `unknown`: no verb of ours, `nearest` is what was meant, perhaps. */
export type TextReading =
  | { readonly kind: 'command'; readonly command: TextCommand }
  | { readonly kind: 'misused'; readonly verb: Verb }
  | { readonly kind: 'unknown'; readonly nearest: Verb | undefined };

/** A command with a PIN and two numbers of the longest kind has half as many. What is longer is read by nobody. */
export const TEXT_CHARACTERS_MAX = 512;
/** Of a storage password, as in the JSON face. */
const PIN_CHARACTERS_MAX = 128;
/** Eight, with dashes or blanks between, as people read them to each other. */
const CODE = /^[0-9a-z-]{8,16}$/i;
/** An id, or enough of its beginning to be told from others. */
const ID = /^[0-9a-f]{4,64}$/i;

type Words = readonly string[];
type Reader = (words: Words) => TextCommand | undefined;

/** The table of docs/in-call-protocol.md §4: how the words after each verb are read. */
const READERS: Readonly<Record<Verb, Reader>> = {
  store: readStore,
  prompt: ([pin, ...rest]) =>
    isPin(pin) && rest.length === 0 ? { verb: 'prompt', pin } : undefined,
  give: readGive,
  send: readSend,
  play: readPlay,
  status: (words) => (words.length === 0 ? { verb: 'status' } : undefined),
  cancel: readCancel,
  list: ([pin, ...rest]) => (isPin(pin) && rest.length === 0 ? { verb: 'list', pin } : undefined),
  delete: readDelete,
  help: () => ({ verb: 'help' }),
};

const VERBS = Object.keys(READERS).filter(isVerb);

function isVerb(word: string): word is Verb {
  return Object.hasOwn(READERS, word);
}

/** Whether a text between two people is meant for us all the same: it starts with `/` and a verb of ours. */
export function isTextCommand(text: string): boolean {
  const first = /^\s*\/(\p{L}+)(?=\s|$)/u.exec(text.slice(0, TEXT_CHARACTERS_MAX))?.[1];
  return first !== undefined && isVerb(first.toLowerCase());
}

/** Reads a text that is for us. The slash may be missing: it was said to nobody else. */
export function readText(text: string): TextReading {
  const [first = '', ...words] = text.slice(0, TEXT_CHARACTERS_MAX).trim().split(/\s+/u);
  const verb = first.replace(/^\//, '').toLowerCase();
  if (!isVerb(verb)) return { kind: 'unknown', nearest: nearestWord(verb, VERBS) };
  const command = text.length > TEXT_CHARACTERS_MAX ? undefined : READERS[verb](words);
  return command === undefined ? { kind: 'misused', verb } : { kind: 'command', command };
}

const isPin = (word: string | undefined): word is string =>
  word !== undefined && word !== '' && word.length <= PIN_CHARACTERS_MAX;

const idOf = (word: string | undefined): string | undefined =>
  word !== undefined && ID.test(word) ? word.toLowerCase() : undefined;

/** `PIN [from NUMBER] [at THRESHOLD]`, in either order. */
function readStore([pin, ...words]: Words): TextCommand | undefined {
  if (!isPin(pin)) return undefined;
  let command: Extract<TextCommand, { verb: 'store' }> = { verb: 'store', pin };
  for (let index = 0; index < words.length; index += 2) {
    const option = storeOption(words[index]?.toLowerCase() ?? '', words[index + 1] ?? '');
    if (option === undefined || Object.keys(option).some((key) => key in command)) return undefined;
    command = { ...command, ...option };
  }
  return command;
}

function storeOption(
  word: string,
  value: string,
): { readonly from: string } | { readonly at: Threshold } | undefined {
  const from = word === 'from' ? numberOf(value) : undefined;
  if (from !== undefined) return { from };
  const at = word === 'at' ? parseThresholdText(value) : undefined;
  return at === undefined ? undefined : { at };
}

/** `CODE to NUMBER`. */
function readGive(words: Words): TextCommand | undefined {
  const at = words.findIndex((word) => word.toLowerCase() === 'to');
  const code = words.slice(0, Math.max(0, at)).join('');
  const to = numberOf(words[at + 1] ?? '');
  if (at < 1 || words.length !== at + 2 || to === undefined || !CODE.test(code)) return undefined;
  return { verb: 'give', code, to };
}

function readSend(words: Words): TextCommand | undefined {
  if (words.length === 0) return { verb: 'send' };
  const code = words.join('');
  return CODE.test(code) ? { verb: 'send', code } : undefined;
}

/** `[ID] [live]`. */
function readPlay(words: Words): TextCommand | undefined {
  const live = words.at(-1)?.toLowerCase() === 'live';
  const [id, ...rest] = live ? words.slice(0, -1) : words;
  if (id === undefined) return { verb: 'play', live };
  const transfer = idOf(id);
  return transfer === undefined || rest.length > 0 ? undefined : { verb: 'play', transfer, live };
}

function readCancel([id, ...rest]: Words): TextCommand | undefined {
  if (id === undefined) return { verb: 'cancel' };
  const transfer = idOf(id);
  return transfer === undefined || rest.length > 0 ? undefined : { verb: 'cancel', transfer };
}

function readDelete([id, pin, ...rest]: Words): TextCommand | undefined {
  const transfer = idOf(id);
  return transfer === undefined || !isPin(pin) || rest.length > 0
    ? undefined
    : { verb: 'delete', transfer, pin };
}
