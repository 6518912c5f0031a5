/** What a star code stands for: the commands of docs/in-call-protocol.md §4 that need no letters. */
export type StarVerb = 'store' | 'send' | 'play' | 'cancel' | 'list';

/** The code of each command; one without a code can't be given by keys. No code begins another. */
export type StarCodes = Readonly<Partial<Record<StarVerb, string>>>;

/** Which of them are followed by a PIN, and by `#` at its end. */
export const TAKES_PIN: Readonly<Record<StarVerb, boolean>> = {
  store: true,
  send: false,
  play: false,
  cancel: false,
  list: true,
};

/** Longer ones nobody keeps in mind. `#` ends a PIN, so it stands in no other place than the first. */
const CODE = /^[*#][0-9*]{1,3}$/;

const isVerb = (word: string): word is StarVerb => Object.hasOwn(TAKES_PIN, word);

/** Reads `store=*1,send=*2`. @returns undefined when it is no such table, names one twice, or one code begins another. */
export function parseStarCodes(text: string): StarCodes | undefined {
  const codes: Partial<Record<StarVerb, string>> = {};
  for (const entry of text.split(',')) {
    const [verb = '', code = '', ...rest] = entry.trim().split('=');
    if (!isVerb(verb) || Object.hasOwn(codes, verb) || rest.length > 0) return undefined;
    if (!CODE.test(code) || Object.values(codes).some((known) => overlap(known, code)))
      return undefined;
    codes[verb] = code;
  }
  return codes;
}

const overlap = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);

/** What the keys typed so far are: a code; the beginning of one; or nothing of ours. */
export type CodeMatch = { readonly verb: StarVerb } | 'begins' | undefined;

export function matchCode(codes: StarCodes, typed: string): CodeMatch {
  let begins = false;
  for (const [verb, code] of Object.entries(codes)) {
    if (code === typed && isVerb(verb)) return { verb };
    begins ||= code.startsWith(typed);
  }
  return begins ? 'begins' : undefined;
}
