import type { Environment } from './environment.ts';
import type { SipMessage } from './message.ts';
import { messageLength } from './message-writer.ts';
import type { Flow } from './transport.ts';
import type { Notice } from './wire-frame.ts';

/** The frames that go to an application: docs/drachtio-wire-protocol.md §3. */

const told = (tokens: readonly string[]): Notice => ({ tokens, message: undefined });

/** What all frames with a SIP message say: how many bytes, which way, when. */
function journey(env: Environment, flow: Flow, message: SipMessage): readonly (string | number)[] {
  const { transport, remote } = flow;
  return [messageLength(message), transport, remote.address, remote.port, env.timeOfDay()];
}

export const okFrame = (env: Environment, requestId: string, ...tokens: string[]): Notice =>
  told([env.newId(), 'response', requestId, 'OK', ...tokens]);

/** A refusal of the SIP layer: the connection stays. The texts are part of the protocol. */
export const nokFrame = (env: Environment, requestId: string, reason: string): Notice =>
  told([env.newId(), 'response', requestId, 'NOK', reason]);

/** A fault in the protocol: close the connection after it. */
export const noFrame = (env: Environment, requestId: string, reason: string): Notice =>
  told([env.newId(), 'response', requestId, 'NO', reason]);

export interface Echo {
  /** The id of the frame being answered. */
  readonly requestId: string;
  readonly flow: Flow;
  readonly message: SipMessage;
  readonly transactionId: string;
}

/** A request of the application was sent. The address is ours, unlike in an answer's. */
export function requestSentFrame(env: Environment, echo: Echo): Notice {
  const { transport } = echo.flow;
  const here = journey(env, { transport, remote: env.localOf(transport) }, echo.message);
  const { requestId, transactionId, message } = echo;
  const start = [env.newId(), 'response', requestId, 'OK', 'application', ...here];
  return { tokens: [...start, transactionId, 'Msg sent:', ''], message };
}

/** An answer of the application was sent. @param dialogId '' when there is no dialog. */
export function responseSentFrame(env: Environment, echo: Echo, dialogId: string): Notice {
  const { requestId, transactionId, message, flow } = echo;
  const start = [env.newId(), 'response', requestId, 'OK', 'application'];
  const there = journey(env, flow, message);
  return { tokens: [...start, ...there, transactionId, dialogId, '', 'Msg sent:', ''], message };
}

export interface Passed {
  readonly flow: Flow;
  readonly message: SipMessage;
  readonly transactionId: string;
  /** '' when there is no dialog. */
  readonly dialogId: string;
}

/** A response, or a request inside a dialog. */
export function networkFrame(env: Environment, passed: Passed): Notice {
  const { flow, message, transactionId, dialogId } = passed;
  const there = journey(env, flow, message);
  const start = [env.newId(), 'sip', 'network', ...there];
  return { tokens: [...start, transactionId, dialogId, ''], message };
}

/** A request outside any dialog: also says where it was received. */
export function newRequestFrame(env: Environment, passed: Passed): Notice {
  const { address, port } = env.localOf(passed.flow.transport);
  const there = journey(env, passed.flow, passed.message);
  const start = [env.newId(), 'sip', 'network', ...there, passed.transactionId, ''];
  return { tokens: [...start, address, port, ''], message: passed.message };
}

/** A request that the server itself sent in the application's dialog: a BYE. */
export function unsolicitedFrame(env: Environment, passed: Omit<Passed, 'transactionId'>): Notice {
  const there = journey(env, passed.flow, passed.message);
  const start = [env.newId(), 'sip', 'application', ...there, 'unsolicited', passed.dialogId, ''];
  return { tokens: start, message: passed.message };
}

/** The contacts that an application is told when it authenticates. */
export const contactsText = (env: Environment): string => env.hostPorts();
