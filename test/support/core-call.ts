import { CoreBench, phoneAt, type SentFrame, type SentMessage } from './core-bench.ts';
import { appAnswer, appRequest, request, toTagOf } from './core-messages.ts';
import { answerTo, type AnswerParts, type SipText } from './sip-text.ts';

/** Where the scripted callee is. */
export const CALLEE = phoneAt(5064);
export const CALLEE_URI = 'sip:carol@192.0.2.7:5064';

/** The one message sent since the last look; fails when there is none or more. */
export function onlySent(bench: CoreBench): SentMessage {
  const sent = bench.sent();
  const [first] = sent;
  if (first === undefined || sent.length !== 1) {
    throw new Error(
      `expected one message, got: ${sent.map(({ message }) => message.start).join(' | ')}`,
    );
  }
  return first;
}

/** The one frame sent since the last look. */
export function onlyFrame(bench: CoreBench): SentFrame {
  const frames = bench.frames();
  const [first] = frames;
  if (first === undefined || frames.length !== 1) {
    throw new Error(
      `expected one frame, got: ${frames.map(({ tokens }) => tokens.join('|')).join(' ')}`,
    );
  }
  return first;
}

/** One message and one frame sent since the last look. */
export function onlyBoth(bench: CoreBench): { sent: SentMessage; frame: SentFrame } {
  const { sent, frames } = bench.look();
  const [message, frame] = [sent[0], frames[0]];
  if (message === undefined || frame === undefined)
    throw new Error('a message or a frame is missing');
  return { sent: message, frame };
}

/** An INVITE of the network came and is with the application. @returns its transaction id. */
export function inviteIn(bench: CoreBench, parts: Parameters<typeof request>[1] = {}): string {
  bench.network(request('INVITE', { branch: 'z9hG4bKinvite', ...parts }));
  const frame = bench.frames().find(({ tokens }) => tokens[1] === 'sip');
  return frame?.tokens[8] ?? '';
}

/** An INVITE was answered 200 and acknowledged. */
export function answeredIn(bench: CoreBench): { dialogId: string; tag: string; txn: string } {
  const txn = inviteIn(bench);
  bench.command(['sip', txn, ''], appAnswer('200 OK', [], 'v=0\r\n'));
  const { sent, frames } = bench.look();
  const tag = sent[0] === undefined ? '' : toTagOf(sent[0].message);
  bench.network(request('ACK', { toTag: tag }));
  bench.look();
  return { dialogId: frames[0]?.tokens[11] ?? '', tag, txn };
}

export interface InviteOut {
  readonly invite: SipText;
  readonly txn: string;
  readonly dialogId: string;
}

/** The application sent an INVITE. */
export function inviteOut(bench: CoreBench, uri: string = CALLEE_URI): InviteOut {
  bench.command(['sip', '', ''], appRequest('INVITE', uri, ['from: sip:app@localhost'], 'v=0\r\n'));
  const { sent, frames } = bench.look();
  const invite = sent[0]?.message;
  if (invite === undefined) throw new Error('no INVITE was sent');
  const fromTag = /;tag=([^;]+)/.exec(invite.get('from'))?.[1] ?? '';
  const dialogId = `${invite.get('call-id')};from-tag=${fromTag}`;
  return { invite, txn: frames[0]?.tokens[10] ?? '', dialogId };
}

/** The callee's answer to it. */
export function calleeSays(
  bench: CoreBench,
  to: SipText,
  status: string,
  parts: AnswerParts = {},
): void {
  const headers = [`Contact: <${CALLEE_URI}>`, ...(parts.headers ?? [])];
  bench.network(answerTo(to, status, { tag: 'ct', ...parts, headers }), CALLEE);
}

/** The application's INVITE was answered 200 and acknowledged. */
export function answeredOut(bench: CoreBench): InviteOut {
  const out = inviteOut(bench);
  calleeSays(bench, out.invite, '200 OK', { body: 'v=0\r\n' });
  bench.command(['sip', '', out.dialogId], appRequest('ACK', CALLEE_URI));
  bench.look();
  return out;
}
