import { isFields, type EventLine, type Fields } from './phone/lines.ts';

/** A message of the in-call protocol as it arrived at a phone (docs/in-call-protocol.md §2). */
export interface InCallMessage extends Fields {
  readonly id: string;
  readonly type: string;
  /** The id that this answers. */
  readonly re?: string;
  readonly transfer?: string;
}

/** @returns the message of an `info` event of a phone, or undefined when it is something else. */
export function readMessage(event: EventLine): InCallMessage | undefined {
  const { body } = event;
  if (event.event !== 'info' || event['package'] !== 'midcall' || !isFields(body)) return undefined;
  const { id, type, re, transfer } = body;
  if (typeof type !== 'string') return undefined;
  return {
    ...body,
    id: typeof id === 'string' ? id : '',
    type,
    ...(typeof re === 'string' ? { re } : {}),
    ...(typeof transfer === 'string' ? { transfer } : {}),
  };
}

/** A refusal: a message of type `error`. */
export class InCallRefusal extends Error {
  /** As in docs/in-call-protocol.md §3. */
  readonly code: string;
  /** All fields, such as `free`. */
  readonly facts: Fields;

  constructor(message: InCallMessage) {
    super(`${String(message['code'])}: ${String(message['text'])}`);
    this.name = 'InCallRefusal';
    this.code = String(message['code']);
    this.facts = message;
  }
}
