/**
 * Bencode (BEP 3), which rtpengine's ng protocol is written in: integers `i42e`, strings `4:spam`, lists `l…e`, dictionaries `d…e` with
 * sorted keys. Strings are text here: all that is exchanged is ASCII.
 */
export type Bencoded = number | string | readonly Bencoded[] | { readonly [key: string]: Bencoded };

/** Of the messages of one benchmark; deeper is damage. */
const DEPTH_MAX = 16;

export function bencode(value: Bencoded): string {
  if (typeof value === 'number') return `i${value}e`;
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`;
  if (isList(value)) return `l${value.map(bencode).join('')}e`;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `d${entries.map(([key, inner]) => bencode(key) + bencode(inner)).join('')}e`;
}

/** @throws Error when it is not one whole value. */
export function bdecode(text: string): Bencoded {
  const reader = new Reader(Buffer.from(text));
  const value = reader.value(0);
  if (!reader.atEnd) throw new Error('bencode: more than one value');
  return value;
}

const isList = (value: Bencoded): value is readonly Bencoded[] => Array.isArray(value);

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): Bencoded {
    if (depth > DEPTH_MAX) throw new Error('bencode: too deep');
    if (this.#takes('i')) return this.#number('e');
    if (this.#takes('l')) return this.#list(depth);
    if (this.#takes('d')) return this.#dictionary(depth);
    return this.#string();
  }

  #list(depth: number): Bencoded {
    const values: Bencoded[] = [];
    while (!this.#takes('e')) values.push(this.value(depth + 1));
    return values;
  }

  #dictionary(depth: number): Bencoded {
    const entries: [string, Bencoded][] = [];
    while (!this.#takes('e')) entries.push([this.#string(), this.value(depth + 1)]);
    return Object.fromEntries(entries);
  }

  #string(): string {
    const length = this.#number(':');
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw new Error('bencode: cut off');
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end;
    return text;
  }

  #number(stop: string): number {
    const end = this.#bytes.indexOf(stop, this.#at);
    const digits = this.#bytes.toString('latin1', this.#at, end);
    if (end < 0 || !/^-?\d+$/.test(digits)) throw new Error('bencode: not a number');
    this.#at = end + 1;
    return Number(digits);
  }

  #takes(character: string): boolean {
    if (this.#bytes[this.#at] !== character.charCodeAt(0)) return false;
    this.#at++;
    return true;
  }
}
