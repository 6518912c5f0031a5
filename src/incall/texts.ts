import type { InCallEvent } from './events.ts';

/**
 * What people read who have no phone that speaks our INFO: the platform's events in one or two short sentences
 * (docs/in-call-protocol.md §4). One table, so that another language is another file. An event without a text is not
 * told to people.
 */
type Texts = {
  readonly [Type in InCallEvent['type']]?: (event: Extract<InCallEvent, { type: Type }>) => string;
};

const ENGLISH: Texts = {
  'storage-prompt': ({ receiver, code, capacity }) =>
    `${receiver} asks you to send a file or a video (up to ${megabytes(capacity)}). Your code is ${code}.`,
  'receive-offer': ({ sender, format, name }) =>
    `${sender} is sending you ${name ?? format}. It is in your storage.`,
  'transfer-complete': ({ state, stored }) =>
    state === 'complete'
      ? `Done: ${megabytes(stored)} stored.`
      : `The transfer ended early (${state}): ${megabytes(stored)} stored.`,
  error: ({ text }) => `Sorry: ${text}.`,
};

/** @returns undefined when there is nothing to tell. */
export function textOf<Type extends InCallEvent['type']>(
  event: Extract<InCallEvent, { type: Type }>,
): string | undefined {
  const write = ENGLISH[event.type] as ((event: InCallEvent) => string) | undefined;
  return write?.(event);
}

const BYTES_PER_MEGABYTE = 1_000_000;
const megabytes = (bytes: number): string =>
  `${(bytes / BYTES_PER_MEGABYTE).toFixed(bytes < BYTES_PER_MEGABYTE ? 2 : 0)} MB`;
