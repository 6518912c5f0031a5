import type { ForeignCallee } from '../nodes/hops.ts';
import type { LegListener } from './calls.ts';
import { phone } from './directory.ts';
import type { Destination, WayTo } from './directory.ts';
import { displayName } from './identity.ts';
import type { SipRequest } from './sip-application.ts';

/** Platforms on the same state (nodes/). */
export interface Neighbours extends LegListener {
  /** A message that says to be one of theirs. @returns its status. */
  receive(body: string, signature: string): number;
  /** Brings a text to the platform where its writer is in a call. @returns false when there is none. */
  pass(text: string, from: string, to: string): Promise<boolean>;
  readonly wayTo: WayTo;
  /** @returns whose phone a request is for that one of them sent; undefined when that is not believed. */
  arrived(header: string): Promise<ForeignCallee | undefined>;
}

/** The one phone that another platform wants to reach, which is told of the caller what that platform says. */
export function foreignDestination(
  request: SipRequest,
  { number, binding }: ForeignCallee,
): Destination {
  const { name, uri } = request.getParsedHeader('from');
  const shown = displayName(name);
  const headers = {
    From: shown === '' ? `<${uri}>` : `"${shown}" <${uri}>`,
    To: `<${request.getParsedHeader('to').uri}>`,
  };
  return { number, kind: 'phones', targets: [phone(binding, headers)] };
}
