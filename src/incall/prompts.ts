import type { ErrorCode } from '../base/errors.ts';
import type { InCallEvent } from './events.ts';
import type { StarCodes, StarVerb } from './star-codes.ts';
import type { SayingName } from './texts.ts';

/**
 * What people hear who have nothing but twelve keys (docs/in-call-protocol.md §7), by the name of its file in the folder of its language, which holds
 * each as `NAME.ulaw` and `NAME.opus`. Another language is another table and another folder; test/support/make-prompts.ts speaks it.
 */
export const SPOKEN = {
  pin: 'Your PIN, and hash.',
  again: 'Please start again.',
  asked: 'I have asked.',
  'to-send': 'You are asked for a video. Press',
  film: 'Now switch your video on.',
  'to-play': 'A video for you. Press',
  'in-storage': 'It is in your storage.',
  coming: 'Here it comes.',
  done: 'It is stored.',
  early: 'The transfer ended early.',
  over: 'It is over.',
  'wrong-pin': 'The PIN is wrong.',
  blocked: 'Too many wrong PINs.',
  'no-room': 'There is no room.',
  'no-offer': 'Nothing is on offer.',
  'no-prompt': 'You have not been asked.',
  'not-taken': 'Your phone refused it.',
  sorry: 'That did not work.',
  'you-have': 'In your storage:',
  more: 'and more',
  star: 'star',
  hash: 'hash',
  0: 'zero',
  1: 'one',
  2: 'two',
  3: 'three',
  4: 'four',
  5: 'five',
  6: 'six',
  7: 'seven',
  8: 'eight',
  9: 'nine',
} as const;

/** Short pieces of speech; several after each other are a sentence. */
export type PromptName = keyof typeof SPOKEN;
export type Words = readonly PromptName[];

const KEY_NAMES: Readonly<Record<string, PromptName>> = { '*': 'star', '#': 'hash' };

const spelt = (keys: string): Words => Array.from(keys, (key) => KEY_NAMES[key] ?? digit(key));

/** Of one digit. */
const digit = (key: string): PromptName => Number(key) as PromptName;

/** What is said of an event; without an entry nothing is. */
const EVENTS: {
  readonly [Type in InCallEvent['type']]?: (
    event: Extract<InCallEvent, { type: Type }>,
    codes: StarCodes,
  ) => Words;
} = {
  'storage-prompt': (_event, { send }) => (send === undefined ? [] : ['to-send', ...spelt(send)]),
  'send-confirmation': () => ['film'],
  'receive-offer': ({ size }, { play }) =>
    size === undefined && play !== undefined ? ['to-play', ...spelt(play)] : ['in-storage'],
  'receive-confirmation': () => ['coming'],
  'transfer-complete': ({ state }) => [state === 'complete' ? 'done' : 'early'],
  'transfer-list': ({ transfers, more }) => [
    'you-have',
    digit(String(transfers.length)),
    ...(more ? (['more'] as const) : []),
  ],
  error: ({ code }) => [ERRORS[code] ?? 'sorry'],
};

/** What went wrong, as far as keys can do something about it. */
const ERRORS: Readonly<Partial<Record<ErrorCode, PromptName>>> = {
  'not-authorized': 'wrong-pin',
  'too-many-attempts': 'blocked',
  'no-space': 'no-room',
  'too-large': 'no-room',
  'unknown-prompt': 'no-prompt',
  'prompt-expired': 'no-prompt',
  'prompt-used': 'no-prompt',
  'not-ready': 'no-offer',
  'transport-not-supported': 'not-taken',
};

/** A status, as the answer to a command. */
const STATUS: Readonly<Partial<Record<StarVerb, PromptName>>> = { store: 'asked', cancel: 'over' };

/** @returns nothing when there is nothing to say. @param verb the command that it answers. */
export function wordsOf(event: InCallEvent, codes: StarCodes, verb?: StarVerb): Words {
  if (event.type === 'transfer-status') {
    const name = verb && STATUS[verb];
    return name === undefined ? [] : [name];
  }
  const say = EVENTS[event.type] as ((event: InCallEvent, codes: StarCodes) => Words) | undefined;
  return say?.(event, codes) ?? [];
}

/** What is said without having been asked to do anything. Nobody asks for help with keys. */
export const SPOKEN_SAYINGS: Readonly<Record<SayingName, Words>> = {
  help: [],
  noPrompt: ['no-prompt'],
  noOffer: ['no-offer'],
  noCall: ['sorry'],
  noAnswer: ['sorry'],
};

/** The words as a text, for a phone to which they can't be spoken. */
export const written = (words: Words): string => words.map((name) => SPOKEN[name]).join(' ');
