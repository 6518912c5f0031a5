import type { SeededRandom } from './seeded-random.ts';

/** Changes made to one message at most: more, and nothing gets past the first look. */
const CHANGES_MAX = 5;
/** A mutated message stays this small, bytes: a little more than the largest that is read. */
const BYTES_MAX = 70_000;

const CHARACTERS = Array.from('";<>:@,=%\\\r\n\t \0[]()/?|\u00ff\u0080*');
const PAIRS = ['\r\n', '\r\n\r\n', '\r\n ', '\n\n', '::', ';;', ';=', '="', '<>', '%00', '\\\0'];
const NUMBERS = ['-1', '0', '255', '256', '65536', '2147483647', '2147483648', '1'.repeat(40)];
const LINES = ['Via: SIP/2.0/UDP x', 'l: 3', 'To: a:b;tag=x', 'Require: x', 'CSeq: 1 ACK'];
const LONG = ['a'.repeat(300), ';a'.repeat(300), 'X: y\r\n'.repeat(130), '"'.repeat(33)];

/** What parsers stumble over. */
const AWKWARD: readonly string[] = [
  ...CHARACTERS,
  ...PAIRS,
  ...NUMBERS,
  ...LINES.map((line) => `${line}\r\n`),
  ...LONG,
];

type Change = (text: string, random: SeededRandom, other: string) => string;

const cut = (text: string, random: SeededRandom): readonly [string, string, string] => {
  const start = random.below(text.length + 1);
  const length = random.below(random.chance(80) ? 8 : 200);
  return [text.slice(0, start), text.slice(start, start + length), text.slice(start + length)];
};

/** Each line keeps its CRLF. */
const lines = (text: string): string[] => text.split(/(?<=\r\n)/);

const CHANGES: readonly Change[] = [
  // A byte changed.
  (text, random) => {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
  },
  // Something awkward put in, or in the place of something.
  (text, random) => {
    const [before, within, after] = cut(text, random);
    return before + random.oneOf(AWKWARD) + (random.chance(50) ? within : '') + after;
  },
  // Some bytes left out, or said again.
  (text, random) => {
    const [before, within, after] = cut(text, random);
    return random.chance(50) ? before + after : before + within + within + after;
  },
  // A line left out, said again, or put elsewhere.
  (text, random) => {
    const all = lines(text);
    const [line = ''] = all.splice(random.below(all.length), random.chance(70) ? 1 : 0);
    if (random.chance(60)) all.splice(random.below(all.length + 1), 0, line);
    return all.join('');
  },
  // A line of another message.
  (text, random, other) => {
    const all = lines(text);
    all.splice(random.below(all.length + 1), random.below(2), random.oneOf(lines(other)));
    return all.join('');
  },
  // A number changed for one at a limit.
  (text, random) => {
    const numbers = [...text.matchAll(/\d+/g)];
    if (numbers.length === 0) return text;
    const { index, 0: digits } = random.oneOf(numbers);
    const number = random.oneOf([
      '0',
      '-1',
      '2147483648',
      '99999999999',
      String(Number(digits) + 1),
    ]);
    return text.slice(0, index) + number + text.slice(index + digits.length);
  },
  // The end lost.
  (text, random) => text.slice(0, random.below(text.length + 1)),
  // The start of one, the end of another.
  (text, random, other) =>
    text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1)),
];

/** The message with up to CHANGES_MAX changes, mostly few. @param other lends lines and ends. Latin-1 texts. */
export function mutate(text: string, random: SeededRandom, other: string): string {
  let changed = text;
  const changes = random.below(random.below(CHANGES_MAX + 1) + 1);
  for (let left = changes; left > 0; left--) {
    changed = random.oneOf(CHANGES)(changed, random, other).slice(0, BYTES_MAX);
  }
  return changed;
}
