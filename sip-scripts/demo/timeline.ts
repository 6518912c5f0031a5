import type { Passing } from '../in-call-party.ts';
import type { Fields } from '../phone/lines.ts';
import { formatBytes } from '../../src/base/sizes.ts';

/** The fields worth a place on the line, by message type; secrets and SDP never are. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  'storage-request': ['sender', 'threshold', 'maxBytes'],
  'storage-instruction': ['threshold', 'maxBytes'],
  'storage-prompt': ['address', 'port', 'capacity'],
  'forward-prompt': ['to'],
  'store-request': ['format', 'size', 'name'],
  'store-confirmation': ['maxRate'],
  'receive-offer': ['sender', 'format', 'size', 'stored'],
  'receive-request': ['from'],
  'receive-confirmation': ['delay'],
  'transfer-status': ['state', 'stored', 'delivered'],
  'transfer-complete': ['stored', 'delivered'],
  error: ['code', 'free', 'text'],
};
const SIZES: ReadonlySet<string> = new Set([
  'capacity',
  'size',
  'stored',
  'delivered',
  'free',
  'maxBytes',
]);

/** Seconds since the start, as on a stopwatch: `  3.142 s`. */
export const stopwatch = (ms: number): string => `${(ms / 1_000).toFixed(3).padStart(7)} s`;

/** A line for a message that went by, `startedAt` and `passing.at` in epoch ms. */
export function timelineLine(passing: Passing, startedAt: number): string {
  const { user, direction, message } = passing;
  const arrow = direction === 'sent' ? '──▶ midcall' : '◀── midcall';
  const facts = (SHOWN[message.type] ?? [])
    .filter((name) => message[name] !== undefined)
    .map((name) => `${name} ${shown(name, message)}`);
  const head = `${stopwatch(passing.at - startedAt)}  ${user.padEnd(5)} ${arrow}  `;
  return `${head}${message.type.padEnd(20)} ${facts.join(', ')}`.trimEnd();
}

function shown(name: string, message: Fields): string {
  const value = message[name];
  if (typeof value === 'number' && SIZES.has(name)) return formatBytes(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
