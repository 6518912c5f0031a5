import { describe, expect, test } from '@jest/globals';
import { passValues, type Agent } from '../../../src/calls/framework-frames.ts';
import { WirePipe } from '../../../src/net/wire-pipe.ts';
import type { SipMessage } from '../../../src/sip/message.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { until } from '../../support/until.ts';

interface Rig {
  readonly agent: Agent;
  readonly pipe: WirePipe;
  readonly log: RecordingLog;
  /** What the server heard as values, and what the agent was left to write. */
  readonly heard: { readonly tokens: readonly string[]; readonly message: SipMessage }[];
  readonly written: object[];
}

/** An agent of which only frames are known. @param take gets what it is told. */
async function rig(take: (frame: unknown) => void = () => {}): Promise<Rig> {
  const pipe = new WirePipe([]);
  const log = new RecordingLog();
  const heard: Rig['heard'] = [];
  const written: object[] = [];
  const agent: Agent = {
    wp: {
      emit: (_event, _socket, frame) => {
        take(frame);
        return true;
      },
    },
    sendMessage: (_socket, message) => {
      written.push(message);
      return 'text';
    },
  };
  passValues(agent, pipe, log);
  await pipe.open({
    onOpened: () => {},
    onBytes: () => {},
    onFrame: (_app, tokens, message) => heard.push({ tokens, message }),
    onClosed: () => {},
  });
  pipe.connect();
  return { agent, pipe, log, heard, written };
}

const OK = { status: 200, reason: 'OK', headers: { cseq: '1 BYE' } };

describe('what drachtio-srf says', () => {
  test('passes as a value with its transaction and dialog, under an id of its own each time', async () => {
    const { agent, pipe, heard } = await rig();
    const destination = { stackTxnId: 't', stackDialogId: 'd' };
    const ids = [1, 2].map(() => agent.sendMessage(pipe.socket, OK, destination));
    expect(new Set(ids).size).toBe(2);
    expect(heard.map(({ tokens }) => tokens)).toEqual(ids.map((id) => [id, 'sip', 't', 'd']));
    expect(heard[0]?.message).toMatchObject({ kind: 'response', status: 200 });
  });

  test('is written when it is not plain, or for another connection', async () => {
    const { agent, pipe, heard, written } = await rig();
    const challenges = { ...OK, headers: { 'www-authenticate': 'one\r\nWWW-Authenticate: two' } };
    expect(agent.sendMessage(pipe.socket, challenges)).toBe('text');
    expect(agent.sendMessage({}, OK)).toBe('text');
    expect(written).toEqual([challenges, OK]);
    expect(heard).toEqual([]);
  });
});

test('what an application throws ends one frame, not the connection', async () => {
  const taken: unknown[] = [];
  const { pipe, log } = await rig((frame) => {
    taken.push(frame);
    if (taken.length === 1) throw new Error('a bug');
  });
  for (const word of ['one', 'two']) pipe.send(1, { tokens: [word], message: undefined });
  await until(async () => taken.length === 2);
  expect(log.named('request.failed')).toHaveLength(1);
});
