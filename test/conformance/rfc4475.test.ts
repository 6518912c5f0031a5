import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseCredentials } from '../../src/calls/digest.ts';
import { CoreBench, PHONE, phoneAt } from '../support/core-bench.ts';
import { TORTURE, type Outcome } from '../support/torture-cases.ts';
import { tortureMessage } from '../support/torture.ts';
import type { Flow } from '../../src/sip/transport.ts';
import { writeNotice } from '../../src/sip/wire-frame.ts';

const README = readFileSync(join(import.meta.dirname, '../../src/sip/README.md'), 'utf8');
/** Where we differ from the RFC; each has its reason in src/sip/README.md. */
const EXCEPTIONS: readonly string[] = ['inv2543'];
const STREAM = phoneAt(50_000, 'tcp');

/** What the server does with these bytes, and nothing else going on. */
function outcomeOf(bytes: Buffer, flow: Flow): { outcome: Outcome; bench: CoreBench } {
  const bench = CoreBench.withApp();
  if (flow.transport === 'tcp') bench.handle({ kind: 'opened', flow });
  const before = bench.effects.length;
  bench.network(bytes, flow);
  const closed = bench.effects.slice(before).some(({ kind }) => kind === 'close');
  const { sent, frames } = bench.look();
  const { counts } = bench.core;
  const outcome = [
    ...frames.map(() => 'passed on'),
    ...sent
      .filter(({ message }) => message.status >= 200)
      .map(({ message }) => message.start.slice(8)),
    ...(counts['dropped-stray-response'] > 0 ? ['stray response'] : []),
    ...(counts['dropped-unparsable'] > 0 ? ['dropped'] : []),
    ...(closed ? ['closed'] : []),
  ].join(', ');
  return { outcome, bench };
}

/** Nothing of the message is left when its time is over and its stream, if it came by one, is closed. */
function expectNoTrace(bench: CoreBench): void {
  bench.handle({ kind: 'app-closed', app: 1 });
  bench.handle({ kind: 'closed', flow: STREAM });
  bench.advance(1_000_000);
  expect(bench.core.load).toEqual({ transactions: 0, dialogs: 0 });
  expect(bench.core.deadline()).toBeUndefined();
}

const status = (outcome: Outcome): Outcome => /^\d{3}(?= )/.exec(outcome)?.[0] ?? outcome;

describe('RFC 4475', () => {
  test('has 49 messages', () => {
    expect(TORTURE).toHaveLength(49);
    expect(new Set(TORTURE.map(({ name }) => name)).size).toBe(49);
  });

  test.each(TORTURE)('§$section $name, $title: $ours', ({ name, ours, asked }) => {
    const { outcome, bench } = outcomeOf(tortureMessage(name), PHONE);
    expect(outcome).toBe(ours);
    expect(asked.includes(status(ours))).toBe(!EXCEPTIONS.includes(name));
    expectNoTrace(bench);
  });

  test.each(TORTURE)('§$section $name over TCP', ({ name, ours, overTcp }) => {
    const { outcome, bench } = outcomeOf(tortureMessage(name), STREAM);
    expect(outcome).toBe(overTcp ?? ours);
    expectNoTrace(bench);
  });

  test.each(TORTURE)('§$section $name over TCP, a byte at a time', ({ name, ours, overTcp }) => {
    const bench = CoreBench.withApp();
    bench.handle({ kind: 'opened', flow: STREAM });
    const whole = outcomeOf(tortureMessage(name), STREAM).bench.core.counts;
    for (const byte of tortureMessage(name)) bench.network(Buffer.of(byte), STREAM);
    expect([overTcp ?? ours, bench.core.counts]).toEqual([overTcp ?? ours, whole]);
  });

  test.each(EXCEPTIONS)('%s is in the README with its reason', (name) => {
    expect(README).toMatch(new RegExp(`\\| \`${name}\` \\|`));
  });
});

describe('what the application is shown of', () => {
  const shown = (bytes: Buffer): string => {
    const bench = CoreBench.withApp();
    bench.network(bytes);
    const frame = bench.effects.findLast(({ kind }) => kind === 'frame');
    return frame?.kind === 'frame' ? writeNotice(frame.notice).toString('latin1') : '';
  };

  test('wsinv, were it the first of its dialog: unfolded and in order', () => {
    const text = tortureMessage('wsinv').toString('latin1');
    const frame = shown(Buffer.from(text.replace(/;\s+tag\s+= 1918181833n/, ''), 'latin1'));
    for (const line of [
      'To: sip:vivekg@chair-dnrc.example.com',
      'From: "J Rosenberg \\\\\\"" <sip:jdrosen@example.com> ; tag = 98asjd8',
      'NewFangledHeader: newfangled value continued newfangled value',
      'UnknownHeaderWithUnusualValue: ;;,,;;,;',
      'Subject: ',
    ]) {
      expect(frame.replaceAll(/ +/g, ' ')).toContain(line);
    }
  });

  test('mpart01: every byte of the body', () => {
    const bytes = tortureMessage('mpart01').toString('latin1');
    expect(shown(tortureMessage('mpart01'))).toContain(bytes.slice(bytes.indexOf('\r\n\r\n')));
  });

  test('transports: all five Vias', () => {
    for (const hop of ['SCTP t2', 'TLS t3', 'UNKNOWN t4', 'TCP t5'])
      expect(shown(tortureMessage('transports'))).toContain(`Via: SIP/2.0/${hop}.example.com`);
  });
});

describe('of the answers', () => {
  const answerTo = (name: string): ReturnType<CoreBench['sent']>[number]['message'] | undefined => {
    const bench = CoreBench.withApp();
    bench.network(tortureMessage(name));
    return bench.sent()[0]?.message;
  };

  test('bext01 is told which extensions', () => {
    expect(answerTo('bext01')?.get('Unsupported')).toBe(
      'nothingSupportsThis, nothingSupportsThisEither',
    );
  });

  test('invut is told which types', () => {
    expect(answerTo('invut')?.get('Accept')).toBe('application/sdp');
  });

  test('badinv01 has the Via as it came, for nobody can say what it means', () => {
    expect(answerTo('badinv01')?.get('Via')).toBe('SIP/2.0/UDP 192.0.2.15;;,;,,');
  });

  test('lwsstart has where it came from in its Via', () => {
    expect(answerTo('lwsstart')?.get('Via')).toContain('received=192.0.2.7;rport=5062');
  });

  test('regaut01: the registrar takes unknown credentials for none', () => {
    expect(parseCredentials('NoOneKnowsThisScheme opaque-data=here')).toBeUndefined();
  });
});

test('badbranch: two requests with the bare cookie are two transactions', () => {
  const bench = CoreBench.withApp();
  const text = tortureMessage('badbranch').toString('latin1');
  bench.network(text);
  bench.network(text.replace('badbranch.', 'another.'));
  bench.network(text);
  expect(bench.frames()).toHaveLength(2);
  expect(bench.core.load.transactions).toBe(2);
});
