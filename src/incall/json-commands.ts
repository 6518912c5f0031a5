import { fail, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { Command, Threshold } from './commands.ts';
import { numberOf } from './number.ts';

/** Cap on a body, both ways: the control connection of the production SIP server breaks beyond (docs/drachtio-wire-protocol.md §1). */
export const BODY_BYTES_MAX = 4_000;
const ID_CHARACTERS_MAX = 64;
const SECRET_CHARACTERS_MAX = 128;
const NAME_CHARACTERS_MAX = 255;
/** Of a media type as a whole; RFC 6838 §4.2 allows 127 for each half and asks for under 64. */
const FORMAT_CHARACTERS_MAX = 127;

export type CommandFault = 'not-json' | 'too-long' | 'bad-field';

/** Checks one field. @returns the value to use, or undefined when it is wrong. */
type Rule = (value: unknown) => unknown;

const text =
  (charactersMax: number): Rule =>
  (value) =>
    typeof value === 'string' && value.length > 0 && value.length <= charactersMax
      ? value
      : undefined;

const matching =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? value : undefined;

const byteCount: Rule = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;

const number: Rule = (value) => (typeof value === 'string' ? numberOf(value) : undefined);

const threshold: Rule = (value) => thresholdOf(value);

const transferId = matching(/^[A-Za-z0-9_-]{1,64}$/);
const id = text(ID_CHARACTERS_MAX);
const secret = text(SECRET_CHARACTERS_MAX);
/** People read it: a line break or another control character would let a sender put words into our mouth. */
const name = matching(new RegExp(`^[^\\p{Cc}\u2028\u2029]{1,${NAME_CHARACTERS_MAX}}$`, 'u'));
const sdp = text(BODY_BYTES_MAX);
const format = matching(
  new RegExp(`^(?=.{3,${FORMAT_CHARACTERS_MAX}}$)[A-Za-z]+/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$`),
);
const digest = matching(/^sha-256=(?:[0-9a-f]{64}|[A-Za-z0-9+/]{43}=)$/);
const from: Rule = (value) => (value === 'start' || value === 'live' ? value : undefined);

interface Shape {
  readonly required: Readonly<Record<string, Rule>>;
  readonly optional: Readonly<Record<string, Rule>>;
}

/** The messages of docs/in-call-protocol.md §2 that come to the platform. */
export const SHAPES: Readonly<Record<Command['type'], Shape>> = {
  'storage-request': {
    required: { id, sender: number, password: secret },
    optional: { receiver: number, maxBytes: byteCount, threshold, name },
  },
  'storage-instruction': {
    required: { id, password: secret },
    optional: { receiver: number, maxBytes: byteCount, threshold },
  },
  'forward-prompt': { required: { id, transfer: transferId, to: number }, optional: {} },
  'send-request': { required: { id, token: secret }, optional: { transfer: transferId } },
  'store-request': {
    required: { id, transfer: transferId, token: secret, format, sdp },
    optional: { size: byteCount, name, digest },
  },
  'end-of-data': { required: { id, transfer: transferId }, optional: {} },
  'receive-request': {
    required: { id, transfer: transferId },
    optional: { password: secret, token: secret, from, sdp },
  },
  cancel: { required: { id }, optional: { transfer: transferId } },
  'status-request': { required: { id }, optional: { transfer: transferId } },
  'list-request': { required: { id, password: secret }, optional: {} },
  'delete-request': { required: { id, transfer: transferId, password: secret }, optional: {} },
};

/**
 * Reads the body of an INFO. Unknown fields are ignored.
 * @returns the command; or `not-json`, `too-long`, or `bad-field` with the field's name in `at`.
 */
export function parseCommand(body: string): Result<Command, CommandFault> {
  if (Buffer.byteLength(body) > BODY_BYTES_MAX) return fail('too-long');
  const message = parseObject(body);
  if (message === undefined) return fail('not-json');
  if (message['v'] !== 1) return fail('bad-field', 'v');
  const type = message['type'];
  if (typeof type !== 'string' || !isCommandType(type)) return fail('bad-field', 'type');
  return readFields(type, message);
}

const isCommandType = (type: string): type is Command['type'] => Object.hasOwn(SHAPES, type);

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function readFields(
  type: Command['type'],
  message: Readonly<Record<string, unknown>>,
): Result<Command, CommandFault> {
  const command: Record<string, unknown> = { type };
  const { required, optional } = SHAPES[type];
  for (const [field, rule] of [...Object.entries(required), ...Object.entries(optional)]) {
    const given = Object.hasOwn(message, field) ? message[field] : undefined;
    if (given === undefined && !Object.hasOwn(required, field)) continue;
    const value = rule(given);
    if (value === undefined) return fail('bad-field', field);
    command[field] = value;
  }
  return ok(command as unknown as Command);
}

/** @returns the threshold, or undefined when the value is not one. */
export function thresholdOf(value: unknown): Threshold | undefined {
  if (value === 'adaptive') return 'adaptive';
  if (typeof value !== 'object' || value === null) return undefined;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [kind, amount]: [string, unknown] = entry;
  return typeof amount === 'number' && amount >= 0 ? amountOf(kind, amount) : undefined;
}

function amountOf(kind: string, amount: number): Threshold | undefined {
  if (kind === 'percent' && amount <= 100) return { percent: amount };
  if (kind === 'bytes' && Number.isSafeInteger(amount)) return { bytes: amount };
  if (kind === 'seconds' && Number.isFinite(amount)) return { seconds: amount };
  return undefined;
}
