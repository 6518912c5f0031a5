import { createHmac } from 'node:crypto';
import { sameSecret } from '../base/same-secret.ts';
import type { Command } from '../incall/commands.ts';
import type { InCallEvent } from '../incall/events.ts';
import type { Party } from '../transfers/ports.ts';

/** What platforms say to each other: all that a party and the owner of a transfer would say, were they at one node. */
export type NodeMessage =
  | { readonly kind: 'command'; readonly from: Party; readonly command: Command }
  | { readonly kind: 'event'; readonly to: Party; readonly event: InCallEvent }
  /** A person who is in a call there wrote here. */
  | {
      readonly kind: 'text';
      readonly from: string;
      readonly to: string;
      readonly text: string;
    }
  | { readonly kind: 'call-ended'; readonly call: string };

/** A message with what keeps it from being said again, or to somebody else. JSON. */
export interface Envelope {
  readonly v: 1;
  readonly from: string;
  readonly to: string;
  /** Random: good once. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly message: NodeMessage;
}

/** A command of 4,000 bytes and what is around it; within what a drachtio-server passes on (docs/drachtio-wire-protocol.md §1). */
export const NODE_MESSAGE_BYTES_MAX = 8_000;
export const NODE_CONTENT_TYPE = 'application/vnd.midcall.node+json';
export const SIGNATURE_HEADER = 'X-Midcall-Signature';

/** HMAC-SHA-256 of the words, each with its length before it, in hexadecimal. */
export function signatureOf(secret: string, ...words: readonly string[]): string {
  const mac = createHmac('sha256', secret);
  for (const word of words) mac.update(`${Buffer.byteLength(word)}:${word}`);
  return mac.digest('hex');
}

/** @returns the envelope; undefined when it is not signed with our secret, or not one that we wrote. */
export function openEnvelope(
  body: string,
  signature: string,
  secret: string,
): Envelope | undefined {
  if (Buffer.byteLength(body) > NODE_MESSAGE_BYTES_MAX) return undefined;
  if (!sameSecret(signature, signatureOf(secret, body))) return undefined;
  const value: unknown = JSON.parse(body);
  const isOurs = typeof value === 'object' && value !== null && 'v' in value && value.v === 1;
  return isOurs ? (value as Envelope) : undefined;
}
