import { describe, expect, test } from '@jest/globals';
import { Calls } from '../../../src/calls/calls.ts';
import { PartyLines, WAITING_MAX } from '../../../src/calls/party-lines.ts';
import type { DialogRequest, SipResponse } from '../../../src/calls/sip-application.ts';
import type { ErrorEvent, TransferComplete, TransferStatus } from '../../../src/incall/events.ts';
import { fakeAnswer } from '../../support/fake-sip.ts';
import { fakeCall } from '../../support/fake-calls.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryBindings } from '../../support/memory-bindings.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { binding } from '../../support/transfer-records.ts';
import { settled } from '../../support/transfer-world.ts';

const status = (stored: number): TransferStatus => ({
  type: 'transfer-status',
  transfer: 't1',
  state: 'storing',
  stored,
  delivered: 0,
});
const problem = (text: string): ErrorEvent => ({ type: 'error', code: 'busy', status: 503, text });

/** Lines to Alice and Bob, who are in a call, and to registered phones. */
class Scene {
  readonly calls = new Calls();
  readonly bindings = new MemoryBindings();
  readonly log = new RecordingLog();
  readonly messages: {
    readonly uri: string;
    readonly request: DialogRequest & { proxy?: string };
  }[] = [];
  /** What registered phones answer. */
  answerStatus = 200;
  readonly lines: PartyLines;

  constructor(isOpen = true) {
    const request = async (
      uri: string,
      said: DialogRequest & { readonly proxy?: string },
    ): Promise<SipResponse> => {
      this.messages.push({ uri, request: said });
      return fakeAnswer(this.answerStatus);
    };
    this.lines = new PartyLines(
      {
        application: { request },
        state: this.bindings,
        clock: new FixedClock(),
        random: new SeededRandom(1),
        log: this.log,
        serviceUri: 'sip:midcall@example.com',
      },
      this.calls,
    );
    if (isOpen) this.lines.open();
  }
}

const ended = (stored: number): TransferComplete => ({
  type: 'transfer-complete',
  transfer: 't1',
  state: 'partial',
  stored,
  delivered: 0,
  loss: { expected: 0, lost: 0, repaired: 0, gaps: 0 },
});

describe('a phone that speaks our INFO', () => {
  test('is told in its dialog', async () => {
    const scene = new Scene();
    const { caller } = fakeCall(scene.calls, 'c1', ['alice', 'bob']);
    scene.lines.tell(caller.party, status(1));
    await settled();
    const [sent] = caller.dialog.requests;
    expect(sent?.request).toMatchObject({
      method: 'INFO',
      headers: {
        'Info-Package': 'midcall',
        'Content-Type': 'application/vnd.midcall+json',
        'Content-Disposition': 'Info-Package',
      },
    });
    expect(JSON.parse(sent?.request.body ?? '')).toMatchObject({ v: 1, ...status(1) });
  });

  test('one thing at a time, in order, each with an id of its own', async () => {
    const scene = new Scene();
    const { caller, callee } = fakeCall(scene.calls, 'c1', ['alice', 'bob']);
    for (const stored of [1, 2, 3]) scene.lines.tell(caller.party, status(stored));
    scene.lines.tell(callee.party, status(9));
    await settled();
    expect(caller.dialog.requests).toHaveLength(1);
    expect(callee.dialog.requests).toHaveLength(1);
    caller.dialog.requests[0]?.answer(200);
    await settled();
    caller.dialog.requests[1]?.fail(new Error('gone'));
    await settled();
    caller.dialog.requests[2]?.answer(481);
    await settled();
    const bodies = caller.dialog.requests.map(({ request }) => JSON.parse(request.body ?? ''));
    expect(bodies.map(({ stored }) => stored)).toEqual([1, 2, 3]);
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(3);
    expect(scene.lines.undelivered).toBe(2);
    expect(scene.log.named('party.not-told')).toHaveLength(2);
  });

  test('and has hung up is told nothing', async () => {
    const scene = new Scene();
    const { caller } = fakeCall(scene.calls, 'c1', ['alice', 'bob']);
    caller.dialog.connected = false;
    scene.lines.tell(caller.party, status(1));
    await settled();
    expect(caller.dialog.requests).toEqual([]);
    expect(scene.messages).toEqual([]);
  });
});

describe('any other phone', () => {
  test('gets a text at its newest contact, through where it registered from', async () => {
    const scene = new Scene();
    await scene.bindings.putBinding('alice', binding());
    const { caller } = fakeCall(scene.calls, 'c1', ['alice', 'bob'], { takesInfo: false });
    scene.lines.tell(caller.party, problem('too many transfers at once'));
    await settled();
    expect(scene.messages).toEqual([
      {
        uri: 'sip:alice@192.0.2.1:5060',
        request: {
          method: 'MESSAGE',
          headers: {
            'Content-Type': 'text/plain;charset=UTF-8',
            From: '<sip:midcall@example.com>',
          },
          body: 'Sorry: too many transfers at once.',
          proxy: 'sip:192.0.2.1:5060;transport=udp',
        },
      },
    ]);
    expect(scene.lines.undelivered).toBe(0);
  });

  test('is not told what has no text', async () => {
    const scene = new Scene();
    await scene.bindings.putBinding('alice', binding());
    scene.lines.tell({ number: 'alice' }, status(1));
    await settled();
    expect(scene.messages).toEqual([]);
  });

  test('that refuses the text is counted', async () => {
    const scene = new Scene();
    scene.answerStatus = 415;
    await scene.bindings.putBinding('alice', binding());
    scene.lines.tell({ number: 'alice' }, problem('x'));
    await settled();
    expect(scene.lines.undelivered).toBe(1);
  });

  test('that is not registered is told nothing', async () => {
    const scene = new Scene();
    scene.lines.tell({ number: 'alice' }, problem('x'));
    await settled();
    expect(scene.messages).toEqual([]);
  });
});

describe('at the limit of what waits', () => {
  const filled = (count: number): { scene: Scene; answer: () => Promise<number[]> } => {
    const scene = new Scene();
    const { caller } = fakeCall(scene.calls, 'c1', ['alice', 'bob']);
    for (let stored = 1; stored <= count; stored++) scene.lines.tell(caller.party, status(stored));
    scene.lines.tell(caller.party, problem('the last word'));
    const answer = async (): Promise<number[]> => {
      for (let at = 0; ; at++) {
        await settled();
        const request = caller.dialog.requests[at];
        if (request === undefined) break;
        request.answer(200);
      }
      return caller.dialog.requests.map(({ request }) => JSON.parse(request.body ?? '').stored);
    };
    return { scene, answer };
  };

  test('all are told', async () => {
    const { scene, answer } = filled(WAITING_MAX);
    expect(await answer()).toHaveLength(WAITING_MAX + 1);
    expect(scene.lines.dropped).toBe(0);
  });

  test('a status more is dropped and counted; what is no status is told', async () => {
    const { scene, answer } = filled(WAITING_MAX + 1);
    const stored = await answer();
    expect(stored).toHaveLength(WAITING_MAX + 1);
    expect(stored).not.toContain(WAITING_MAX + 1);
    expect(stored.at(-1)).toBeUndefined();
    expect(scene.lines.dropped).toBe(1);
  });
});

describe('who can be reached', () => {
  test('somebody in a call, the given call first', async () => {
    const scene = new Scene();
    const first = fakeCall(scene.calls, 'c1', ['alice', 'bob']);
    const second = fakeCall(scene.calls, 'c2', ['alice', 'carol']);
    expect(await scene.lines.inCall('alice', 'c1')).toBe(first.caller.party);
    expect(await scene.lines.reachable('alice')).toBe(second.caller.party);
  });

  test('else somebody registered, else nobody', async () => {
    const scene = new Scene();
    await scene.bindings.putBinding('erin', binding());
    expect(await scene.lines.reachable('erin')).toEqual({ number: 'erin' });
    expect(await scene.lines.inCall('erin', undefined)).toBeUndefined();
    expect(await scene.lines.reachable('zoe')).toBeUndefined();
  });
});

describe('what recovery says', () => {
  const bodies = ({ messages }: Scene): unknown[] => messages.map(({ request }) => request.body);

  test('waits for the SIP server, and is said once', async () => {
    const scene = new Scene(false);
    await scene.bindings.putBinding('alice', binding());
    scene.lines.tell({ number: 'alice' }, ended(1_000));
    await settled();
    expect(scene.messages).toEqual([]);
    scene.lines.open();
    await settled();
    scene.lines.registered('alice');
    await settled();
    expect(bodies(scene)).toEqual([expect.stringContaining('partial')]);
  });

  test.each([
    ['is not registered', undefined],
    ['does not answer', 408],
  ])('to a phone that %s is said when it registers next, once', async (_name, answer) => {
    const scene = new Scene();
    if (answer !== undefined) await scene.bindings.putBinding('alice', binding());
    scene.answerStatus = answer ?? 200;
    scene.lines.tell({ number: 'alice' }, ended(1_000));
    scene.lines.tell({ number: 'alice' }, problem('this is not a last word'));
    await settled();
    scene.messages.length = 0;
    scene.answerStatus = 200;
    await scene.bindings.putBinding('alice', binding());
    for (const number of ['bob', 'alice', 'alice']) scene.lines.registered(number);
    await settled();
    expect(bodies(scene)).toEqual([expect.stringContaining('partial')]);
  });
});
