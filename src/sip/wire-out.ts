import type { Buffer } from 'node:buffer';
import type { Environment } from './environment.ts';
import type { Flow } from './transport.ts';
import { writeFrame } from './wire-frame.ts';

/** The frames that go to an application: docs/drachtio-wire-protocol.md §3. */

/** What all frames with a SIP message say: how many bytes, which way, when. */
function journey(env: Environment, flow: Flow, bytes: Buffer): readonly (string | number)[] {
  const { transport, remote } = flow;
  return [bytes.length, transport, remote.address, remote.port, env.timeOfDay()];
}

export const okFrame = (env: Environment, requestId: string, ...tokens: string[]): Buffer =>
  writeFrame([env.newId(), 'response', requestId, 'OK', ...tokens]);

/** A refusal of the SIP layer: the connection stays. The texts are part of the protocol. */
export const nokFrame = (env: Environment, requestId: string, reason: string): Buffer =>
  writeFrame([env.newId(), 'response', requestId, 'NOK', reason]);

/** A fault in the protocol: close the connection after it. */
export const noFrame = (env: Environment, requestId: string, reason: string): Buffer =>
  writeFrame([env.newId(), 'response', requestId, 'NO', reason]);

export interface Echo {
  /** The id of the frame being answered. */
  readonly requestId: string;
  readonly flow: Flow;
  readonly bytes: Buffer;
  readonly transactionId: string;
}

/** A request of the application was sent. The address is ours, unlike in an answer's. */
export function requestSentFrame(env: Environment, echo: Echo): Buffer {
  const { transport } = echo.flow;
  const here = journey(env, { transport, remote: env.localOf(transport) }, echo.bytes);
  const { requestId, transactionId, bytes } = echo;
  const start = [env.newId(), 'response', requestId, 'OK', 'application', ...here];
  return writeFrame([...start, transactionId, 'Msg sent:', ''], bytes);
}

/** An answer of the application was sent. @param dialogId '' when there is no dialog. */
export function responseSentFrame(env: Environment, echo: Echo, dialogId: string): Buffer {
  const { requestId, transactionId, bytes, flow } = echo;
  const start = [env.newId(), 'response', requestId, 'OK', 'application'];
  const there = journey(env, flow, bytes);
  return writeFrame([...start, ...there, transactionId, dialogId, '', 'Msg sent:', ''], bytes);
}

export interface Passed {
  readonly flow: Flow;
  readonly bytes: Buffer;
  readonly transactionId: string;
  /** '' when there is no dialog. */
  readonly dialogId: string;
}

/** A response, or a request inside a dialog. */
export function networkFrame(env: Environment, passed: Passed): Buffer {
  const { flow, bytes, transactionId, dialogId } = passed;
  const there = journey(env, flow, bytes);
  return writeFrame([env.newId(), 'sip', 'network', ...there, transactionId, dialogId, ''], bytes);
}

/** A request outside any dialog: also says where it was received. */
export function newRequestFrame(env: Environment, passed: Passed): Buffer {
  const { address, port } = env.localOf(passed.flow.transport);
  const there = journey(env, passed.flow, passed.bytes);
  const start = [env.newId(), 'sip', 'network', ...there, passed.transactionId, ''];
  return writeFrame([...start, address, port, ''], passed.bytes);
}

/** A request that the server itself sent in the application's dialog: a BYE. */
export function unsolicitedFrame(env: Environment, passed: Omit<Passed, 'transactionId'>): Buffer {
  const there = journey(env, passed.flow, passed.bytes);
  const start = [env.newId(), 'sip', 'application', ...there, 'unsolicited', passed.dialogId, ''];
  return writeFrame(start, passed.bytes);
}

/** The contacts that an application is told when it authenticates. */
export const contactsText = (env: Environment): string => env.hostPorts();
