import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CoreBench, phoneAt } from '../support/core-bench.ts';
import { appAnswer, appRequest, request } from '../support/core-messages.ts';
import { CALLEE_URI } from '../support/core-call.ts';
import { answerTo, readSip } from '../support/sip-text.ts';
import { runs } from '../support/runs.ts';

const METHODS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'INFO', 'OPTIONS', 'UPDATE'] as const;
const STATUSES = ['100 T', '180 R', '200 OK', '401 U', '486 B', '503 S'] as const;
const STREAM = phoneAt(50_000, 'tcp');

/** Something that a phone, an application or time may do; the numbers choose among what there is. */
const step = fc.record({
  kind: fc.constantFrom(
    'phone',
    'phone',
    'stream',
    'phone-answer',
    'app-answer',
    'app-request',
    'app-in-dialog',
    'app-cancel',
    'time',
    'stream-opened',
    'stream-closed',
    'app-gone',
  ),
  method: fc.constantFrom(...METHODS),
  status: fc.constantFrom(...STATUSES),
  pick: fc.nat(30),
  ms: fc.constantFrom(1, 500, 4_000, 32_000),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Remembers what can be referred to: transactions, dialogs, requests sent. */
class Chaos {
  readonly bench = CoreBench.withApp();
  readonly #txns = ['none'];
  readonly #dialogs = ['none;from-tag=x'];
  readonly #tags: (string | undefined)[] = [undefined, undefined, 'ghost'];
  readonly #requests = [request('OPTIONS')];
  #sequence = 1;

  run({ kind, method, status, pick, ms }: Step): void {
    const { bench } = this;
    const fromPhone = (): string =>
      request(method, {
        branch: `z9hG4bKb${pick % 4}`,
        callId: `c${pick % 3}`,
        sequence: (this.#sequence += pick % 2),
        ...tagged(of(this.#tags, pick)),
      });
    const actions: Record<Step['kind'], () => void> = {
      phone: () => bench.network(fromPhone()),
      stream: () => bench.network(fromPhone(), STREAM),
      'phone-answer': () => {
        const to = readSip(of(this.#requests, pick));
        bench.network(answerTo(to, status, { tag: `t${pick % 2}` }), phoneAt(5064));
      },
      'app-answer': () =>
        void bench.command(['sip', of(this.#txns, pick), ''], appAnswer(status, [], 'v=0\r\n')),
      'app-request': () =>
        void bench.command(['sip', '', ''], appRequest(method, CALLEE_URI, [], 'v=0\r\n')),
      'app-in-dialog': () =>
        void bench.command(
          ['sip', '', of(this.#dialogs, pick)],
          appRequest(method, 'sip:placeholder'),
        ),
      'app-cancel': () =>
        void bench.command(['sip', of(this.#txns, pick), ''], appRequest('CANCEL', CALLEE_URI)),
      time: () => bench.advance(ms),
      'stream-opened': () => bench.handle({ kind: 'opened', flow: STREAM }),
      'stream-closed': () => bench.handle({ kind: 'closed', flow: STREAM }),
      'app-gone': () => {
        if (pick > 2) return;
        bench.handle({ kind: 'app-closed', app: 1 });
        bench.connect(1);
      },
    };
    actions[kind]();
    this.#remember();
  }

  #remember(): void {
    const { sent, frames } = this.bench.look();
    for (const { text, message } of sent) {
      if (message.method === '') this.#tags.push(/;tag=([^;\r]+)/.exec(message.get('to'))?.[1]);
      else this.#requests.push(text);
    }
    for (const { tokens } of frames) {
      const sip = tokens[1] === 'sip';
      this.#txns.push(tokens[sip ? 8 : 10] ?? 'none');
      this.#dialogs.push((sip ? tokens[9] : tokens[11]) ?? 'none');
    }
  }
}

const tagged = (toTag: string | undefined): { toTag?: string } =>
  toTag === undefined ? {} : { toTag };
const of = <T>(list: readonly T[], pick: number): T => {
  const found = list[list.length - 1 - (pick % list.length)];
  return found === undefined ? (list[0] as T) : found;
};

test('whatever phones and applications do, in whatever order: no exception, and all state ends', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const chaos = new Chaos();
      for (const each of steps) chaos.run(each);
      chaos.bench.handle({ kind: 'app-closed', app: 1 });
      chaos.bench.advance(1_000_000);
      expect(chaos.bench.core.load).toEqual({ transactions: 0, dialogs: 0 });
      expect(chaos.bench.core.deadline()).toBeUndefined();
    }),
    { numRuns: runs(300) },
  );
}, 30_000);
