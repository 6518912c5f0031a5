import type { Deadline } from '../base/clock.ts';
import { after } from '../base/units.ts';
import type { Instant } from '../base/units.ts';
import { matchCode, TAKES_PIN } from './star-codes.ts';
import type { StarCodes, StarVerb } from './star-codes.ts';

/** Between two keys of a code: a person who means one types it in one go. */
export const CODE_PAUSE_MS = 3_000;
/** Between two keys of a PIN, and before the first: the person listens to a prompt, and remembers. */
export const PIN_PAUSE_MS = 10_000;
/** Digits of a PIN. More are taken for ours as well, but for no PIN. */
export const PIN_DIGITS_MAX = 32;

/** What somebody said with keys. */
export type KeySaying =
  /** A code that a PIN has to follow. */
  | { readonly type: 'pin-wanted'; readonly verb: StarVerb }
  | { readonly type: 'said'; readonly verb: StarVerb; readonly pin?: string }
  /** No PIN came, or too long a one. */
  | { readonly type: 'given-up'; readonly verb: StarVerb };

/** A key, and whether it is for us alone: then the other phone does not get it. */
export interface KeyPress {
  readonly isOurs: boolean;
  readonly saying?: KeySaying;
}

export type State = 'idle' | 'code' | 'pin' | 'spoilt';
export type Input =
  /** The keys so far are the beginning of a code. */
  | 'goes-on'
  | 'is-command'
  | 'asks-pin'
  /** A star: what was typed of the PIN was wrong. */
  | 'begins-anew'
  | 'digit'
  /** One digit too many. */
  | 'overflow'
  | 'hash'
  /** `#` where there are no digits. */
  | 'empty'
  | 'other'
  | 'timeout';
type Action = 'note' | 'ask' | 'say' | 'give-up' | 'forget';

interface Transition {
  readonly to: State;
  readonly isOurs: boolean;
  readonly action: Action;
}

export type Table = Readonly<Record<State, Readonly<Partial<Record<Input, Transition>>>>>;

const passes = (to: State, action: Action): Transition => ({ to, isOurs: false, action });
const ours = (to: State, action: Action): Transition => ({ to, isOurs: true, action });

/**
 * Keys of one phone (docs/in-call-protocol.md §7). What may become a code passes at once, since nobody knows yet whose it is, and a menu at the
 * other end must not wait; the key that makes it a code, and all of a PIN, are ours. An empty cell: passes, and is forgotten.
 */
export const KEYS: Table = {
  idle: {
    'goes-on': passes('code', 'note'),
  },
  code: {
    'goes-on': passes('code', 'note'),
    'is-command': ours('idle', 'say'),
    'asks-pin': ours('pin', 'ask'),
    timeout: passes('idle', 'forget'),
  },
  pin: {
    // Mistyped: a star, and the PIN again, or the code and the PIN.
    'begins-anew': ours('pin', 'note'),
    'goes-on': ours('pin', 'note'),
    'asks-pin': ours('pin', 'ask'),
    digit: ours('pin', 'note'),
    overflow: ours('spoilt', 'forget'),
    hash: ours('idle', 'say'),
    empty: ours('idle', 'give-up'),
    other: ours('pin', 'note'),
    timeout: ours('idle', 'give-up'),
  },
  spoilt: {
    'begins-anew': ours('pin', 'note'),
    digit: ours('spoilt', 'forget'),
    hash: ours('idle', 'give-up'),
    empty: ours('idle', 'give-up'),
    other: ours('spoilt', 'forget'),
    timeout: ours('idle', 'give-up'),
  },
};

const NOT_OURS = passes('idle', 'forget');

/** Reads the keys of one phone, one press after another. Never logs, and forgets a PIN with the command that it came with. */
export class KeyReader {
  readonly #codes: StarCodes;
  #state: State = 'idle';
  /** Of the code, while it is typed; then of the PIN. */
  #typed = '';
  /** Whose PIN is being typed. */
  #verb: StarVerb | undefined;
  /** Until when the next key belongs to those before. */
  #until: Instant | undefined;

  constructor(codes: StarCodes) {
    this.#codes = codes;
  }

  /** A PIN is being typed: whatever is pressed now is for nobody else. */
  get isTakingPin(): boolean {
    return this.#state === 'pin' || this.#state === 'spoilt';
  }

  /** When what was begun is over without another key. */
  deadline(): Deadline<'key-missing'> | undefined {
    return this.#until && { at: this.#until, reason: 'key-missing' };
  }

  elapse(now: Instant): KeySaying | undefined {
    if (this.#until === undefined || now < this.#until) return undefined;
    return this.#take('timeout', '', now).saying;
  }

  /** @param key one of `0` to `9`, `*`, `#`, `A` to `D`. Call `elapse` before. */
  press(key: string, now: Instant): KeyPress {
    return this.#take(this.isTakingPin ? this.#pinInput(key) : this.#codeInput(key), key, now);
  }

  /** The keys up to this one, or the last of them, may be a code: after `**`, `*1` is meant as well. */
  #codeInput(key: string): Input {
    const typed = this.#typed + key;
    for (let from = 0; from < typed.length; from++) {
      const match = matchCode(this.#codes, typed.slice(from));
      if (match === undefined) continue;
      if (match === 'begins') {
        this.#typed = this.#typed.slice(from);
        return 'goes-on';
      }
      this.#verb = match.verb;
      return TAKES_PIN[match.verb] ? 'asks-pin' : 'is-command';
    }
    return 'other';
  }

  /** Only `#`, or time, leads out of here: another code might be the beginning of a PIN, whose rest would pass. */
  #pinInput(key: string): Input {
    if (key === '*') return 'begins-anew';
    const again = this.#typed.startsWith('*') ? this.#codeAgain(this.#typed + key) : undefined;
    if (again !== undefined) return again;
    const digits = digitsOf(this.#typed);
    if (key === '#') return digits === '' ? 'empty' : 'hash';
    if (!/^\d$/.test(key)) return 'other';
    return this.#state === 'pin' && digits.length >= PIN_DIGITS_MAX ? 'overflow' : 'digit';
  }

  /** Whether the code that the PIN belongs to is typed once more. */
  #codeAgain(typed: string): Input | undefined {
    const code = this.#verb && this.#codes[this.#verb];
    if (code?.startsWith(typed) !== true) return undefined;
    return code === typed ? 'asks-pin' : 'goes-on';
  }

  #take(input: Input, key: string, now: Instant): KeyPress {
    const { to, isOurs, action } = KEYS[this.#state][input] ?? NOT_OURS;
    const saying = this.#act(action, input, key);
    this.#state = to;
    if (to === 'idle') this.#verb = undefined;
    this.#until =
      to === 'idle' ? undefined : after(now, to === 'code' ? CODE_PAUSE_MS : PIN_PAUSE_MS);
    return saying === undefined ? { isOurs } : { isOurs, saying };
  }

  #act(action: Action, input: Input, key: string): KeySaying | undefined {
    const before = this.#typed;
    const verb = this.#verb;
    this.#typed = '';
    if (action === 'note') {
      this.#typed = noted(before, input, key);
      return undefined;
    }
    if (action === 'forget' || verb === undefined) return undefined;
    if (action === 'ask') return { type: 'pin-wanted', verb };
    if (action === 'give-up') return { type: 'given-up', verb };
    return TAKES_PIN[verb] ? { type: 'said', verb, pin: digitsOf(before) } : { type: 'said', verb };
  }
}

/** Of a PIN, after the star that threw away what was typed before it. */
const digitsOf = (typed: string): string => typed.replace(/^\*/, '');

const NOTED: Readonly<Partial<Record<Input, (before: string, key: string) => string>>> = {
  'begins-anew': (_before, key) => key,
  'goes-on': (before, key) => before + key,
  digit: (before, key) => digitsOf(before) + key,
};

const noted = (before: string, input: Input, key: string): string =>
  NOTED[input]?.(before, key) ?? before;
