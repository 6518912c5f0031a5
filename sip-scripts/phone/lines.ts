/**
 * How a phone process is driven: a JSON object a line, commands on stdin, events on stdout. sip-scripts/README.md lists
 * them all.
 */

export type Fields = Readonly<Record<string, unknown>>;

/** A command; `done` or `error` with the same id answers it. */
export interface CommandLine extends Fields {
  readonly id: number;
  readonly command: string;
}

/** Something that happened. `at` is epoch milliseconds with fractions. */
export interface EventLine extends Fields {
  readonly event: string;
  readonly at: number;
}

/** A longer line is not a command of ours. */
export const LINE_CHARACTERS_MAX = 262_144;

/** @returns the object on a line, or undefined when there is none. */
export function parseLine(line: string): Fields | undefined {
  if (line.length > LINE_CHARACTERS_MAX) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value is a JSON object. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A string field. @throws Error naming the field when it is missing or of another type. */
export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new Error(`${name} must be a string`);
  return value;
}

/** @throws Error when the field is there and not a string. */
export const optionalText = (fields: Fields, name: string): string | undefined =>
  fields[name] === undefined ? undefined : text(fields, name);

/** A number field. @throws Error naming the field when it is missing or of another type. */
export function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new Error(`${name} must be a number`);
  }
  return value;
}

/** @throws Error when the field is there and not a number. */
export const optionalNumber = (fields: Fields, name: string): number | undefined =>
  fields[name] === undefined ? undefined : number(fields, name);

/** A true-or-false field with a default. @throws Error when it is something else: "false" is not false. */
export function flag(fields: Fields, name: string, missing: boolean): boolean {
  const value = fields[name] ?? missing;
  if (typeof value !== 'boolean') throw new Error(`${name} must be true or false`);
  return value;
}

/** One of a few words. @throws Error listing them when it is none. */
export function word<Word extends string>(
  fields: Fields,
  name: string,
  words: readonly Word[],
): Word {
  const found = words.find((candidate) => candidate === fields[name]);
  if (found === undefined) throw new Error(`${name} must be one of ${words.join(', ')}`);
  return found;
}
