import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instant, wallclock } from '../../src/base/units.ts';
import { SipCore } from '../../src/sip/core.ts';
import type { CoreEvent, Effect } from '../../src/sip/effect.ts';
import { parseMessage } from '../../src/sip/message-parser.ts';
import { FrameReader, writeFrame, writeNotice } from '../../src/sip/wire-frame.ts';
import { APP, PHONE, phoneAt } from './core-bench.ts';
import { CALLEE, CALLEE_URI } from './core-call.ts';
import { appAnswer, appRequest, request } from './core-messages.ts';
import { mutate } from './mutation.ts';
import { SeededRandom } from './seeded-random.ts';
import { MESSAGES } from './sip-cases.ts';
import { answerTo, readSip } from './sip-text.ts';
import { tortureMessage } from './torture.ts';
import { TORTURE } from './torture-cases.ts';

/** After so many messages the clock is run until nothing is left; a failure replays from the start of its round. */
export const ROUND = 2_000;

const CORPUS = join(import.meta.dirname, '../fuzz/corpus');
const STREAM = phoneAt(50_000, 'tcp');
const METHODS = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'OPTIONS',
  'UPDATE',
  'REGISTER',
  'PRACK',
];
const ANSWERS = ['100 Trying', '180 Ringing', '200 OK', '302 Moved', '401 Who', '486 Busy'];
/** How many of the server's own messages are remembered, to be answered or continued. */
const MEMORY = 32;
/** Longer than any timer, ms. */
const FOR_EVER_MS = 2_000_000;
const PONG = '\r\n';

/** Messages to start from: the kept corpus (with LF), RFC 4475, the tests' own. Latin-1. */
export function fuzzSeeds(): readonly string[] {
  const kept = readdirSync(CORPUS)
    .toSorted()
    .map((file) => readFileSync(join(CORPUS, file), 'latin1').replaceAll('\n', '\r\n'));
  const torture = TORTURE.map(({ name }) => tortureMessage(name).toString('latin1'));
  const ours = METHODS.map((method) => request(method, { branch: `z9hG4bK${method}` }));
  return [...kept, ...torture, ...MESSAGES, ...ours];
}

/** A server that is sent mutated messages while an application answers, calls and hangs up at random. */
export class SipFuzz {
  /** Messages the server sent. */
  sent = 0;
  readonly #seeds = fuzzSeeds();
  readonly #core: SipCore;
  #random = new SeededRandom(0);
  #nowMs = 1_000;
  /** What the server sent to the network of late. */
  #heard: string[] = [];
  /** Transactions and dialogs that the application knows of. */
  #names: { readonly txn: string; readonly dialog: string }[] = [];

  constructor() {
    this.#core = new SipCore({
      local: { address: '192.0.2.1', port: 5060 },
      random: new SeededRandom(1),
      epoch: { at: instant(0), wallclock: wallclock(0) },
      secret: 'cymru',
    });
  }

  get counts(): SipCore['counts'] {
    return this.#core.counts;
  }

  /**
   * One round: messages, then time until all is over.
   * @throws what the server threw; or when it sent what is not SIP; or when something is left.
   */
  round(seed: number, messages: number = ROUND): void {
    this.#random = new SeededRandom(seed);
    this.#heard = [];
    this.#names = [];
    this.#open();
    for (let left = messages; left > 0; left--) this.#step();
    this.#handle({ kind: 'app-closed', app: APP });
    this.#handle({ kind: 'closed', flow: STREAM });
    this.#advance(FOR_EVER_MS);
    const { transactions, dialogs } = this.#core.load;
    const left = transactions + dialogs;
    if (left > 0) throw new Error(`${transactions} transactions, ${dialogs} dialogs are left`);
    if (this.#core.deadline() !== undefined) throw new Error('a timer is left');
  }

  #open(): void {
    this.#handle({ kind: 'opened', flow: STREAM });
    this.#handle({ kind: 'app-opened', app: APP });
    this.#command(['authenticate', 'cymru', '']);
    for (const verb of METHODS) this.#command(['route', verb.toLowerCase()]);
  }

  #step(): void {
    const random = this.#random;
    const text = mutate(this.#message(), random, random.oneOf(this.#seeds));
    const bytes = Buffer.from(text, 'latin1');
    if (random.chance(25)) this.#stream(bytes);
    else this.#datagram(bytes);
    if (random.chance(20)) this.#application();
    if (random.chance(10)) this.#advance(random.oneOf([1, 500, 4_000, 40_000]));
  }

  /** One of the seeds, or an answer to, or the next request after, something the server sent. */
  #message(): string {
    const random = this.#random;
    if (random.chance(50) || this.#heard.length === 0) return random.oneOf(this.#seeds);
    const heard = readSip(random.oneOf(this.#heard));
    if (heard.method !== '') {
      const parts = { tag: random.oneOf(['a', 'b']), headers: [`Contact: <${CALLEE_URI}>`] };
      return answerTo(heard, random.oneOf(ANSWERS), parts);
    }
    const toTag = /;tag=([^;]+)/.exec(heard.get('to'))?.[1] ?? 'x';
    const fromTag = /;tag=([^;]+)/.exec(heard.get('from'))?.[1] ?? 'y';
    const sequence = random.below(5);
    const callId = heard.get('call-id');
    return request(random.oneOf(METHODS), { toTag, fromTag, sequence, callId });
  }

  #datagram(bytes: Buffer): void {
    const { remote } = this.#random.chance(50) ? PHONE : CALLEE;
    this.#handle({ kind: 'datagram', source: remote, bytes });
  }

  /** In two parts, cut anywhere. */
  #stream(bytes: Buffer): void {
    const at = this.#random.below(bytes.length + 1);
    for (const part of [bytes.subarray(0, at), bytes.subarray(at)])
      this.#handle({ kind: 'bytes', flow: STREAM, bytes: part });
  }

  #application(): void {
    const random = this.#random;
    const { txn, dialog } =
      this.#names.length === 0 ? { txn: 'x', dialog: 'y' } : random.oneOf(this.#names);
    const method = random.oneOf(METHODS);
    const acts: readonly (() => void)[] = [
      () => this.#command(['sip', txn, ''], appAnswer(random.oneOf(ANSWERS), [], 'v=0\r\n')),
      () => this.#command(['sip', '', ''], appRequest(method, CALLEE_URI, [], 'v=0\r\n')),
      () => this.#command(['sip', '', dialog], appRequest(method, 'sip:placeholder')),
      () => this.#command(['sip', txn, ''], appRequest('CANCEL', CALLEE_URI)),
    ];
    random.oneOf(acts)();
  }

  #command(tokens: readonly string[], message = ''): void {
    const body = message === '' ? undefined : Buffer.from(message);
    const id = `r${this.#random.below(1_000_000)}`;
    this.#handle({ kind: 'app-bytes', app: APP, bytes: writeFrame([id, ...tokens], body) });
  }

  #advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (let due = this.#core.deadline(); due !== undefined && due.at <= end;) {
      this.#nowMs = Math.max(this.#nowMs, due.at);
      this.#handle({ kind: 'timer' });
      due = this.#core.deadline();
    }
    this.#nowMs = end;
  }

  #handle(event: CoreEvent): void {
    for (const effect of this.#core.handle(event, instant(this.#nowMs))) this.#look(effect);
  }

  #look(effect: Effect): void {
    if (effect.kind === 'frame') this.#name(writeNotice(effect.notice));
    else if (effect.kind === 'send') this.#hear(effect.bytes);
    else if (effect.kind === 'close') {
      this.#handle({ kind: 'closed', flow: effect.flow });
      this.#handle({ kind: 'opened', flow: effect.flow });
    }
  }

  /** Whatever came in, what goes out is SIP. */
  #hear(bytes: Buffer): void {
    const text = bytes.toString('latin1');
    if (text === PONG) return;
    const parsed = parseMessage(bytes, 'honoured');
    if (!parsed.ok) throw new Error(`the server sent what is not SIP, ${parsed.code}:\n${text}`);
    this.sent++;
    this.#heard = [...this.#heard.slice(1 - MEMORY), text];
  }

  #name(bytes: Buffer): void {
    for (const { tokens } of new FrameReader().push(bytes)) {
      const fromNetwork = tokens[1] === 'sip';
      const txn = tokens[fromNetwork ? 8 : 10] ?? '';
      const dialog = tokens[fromNetwork ? 9 : 11] ?? '';
      this.#names = [...this.#names.slice(1 - MEMORY), { txn, dialog }];
    }
  }
}
