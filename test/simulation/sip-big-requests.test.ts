import { describe, expect, test } from '@jest/globals';
import {
  TCP_REFUSED_MAX,
  TCP_REFUSED_MS,
  TcpRefusals,
  UDP_BYTES_MAX,
} from '../../src/sip/big-request.ts';
import { instant } from '../../src/base/units.ts';
import { CoreBench, type SentMessage } from '../support/core-bench.ts';
import { onlySent } from '../support/core-call.ts';
import { appRequest } from '../support/core-messages.ts';

const PEER = 'sip:carol@192.0.2.7:5064';
const TCP = { transport: 'tcp', remote: { address: '192.0.2.7', port: 5_064 } } as const;

/** Sends an INVITE with so much body. */
function invite(bench: CoreBench, uri: string, bodyBytes: number): SentMessage {
  bench.command(['sip', '', ''], appRequest('INVITE', uri, [], `v=0\r\n${'x'.repeat(bodyBytes)}`));
  return onlySent(bench);
}
/** A body that makes the INVITE exactly `bytes` long. */
const bodyFor = (bytes: number): number =>
  bytes - invite(CoreBench.withApp(), PEER, 900).text.length + 900;
const BIG = 2_000;

describe('a request that is too big for UDP', () => {
  test('goes over TCP, from the first byte too many', () => {
    const fits = invite(CoreBench.withApp(), PEER, bodyFor(UDP_BYTES_MAX));
    expect(fits.text).toHaveLength(UDP_BYTES_MAX);
    expect(fits.flow.transport).toBe('udp');
    const bench = CoreBench.withApp();
    const big = invite(bench, PEER, bodyFor(UDP_BYTES_MAX + 1));
    expect(big.text).toHaveLength(UDP_BYTES_MAX + 1);
    expect(big.flow).toEqual(TCP);
    expect(big.message.get('via')).toMatch(/^SIP\/2\.0\/TCP /);
    expect(bench.core.counts['udp-to-tcp']).toBe(1);
  });

  test('stays on UDP when its peer said UDP', () => {
    const bench = CoreBench.withApp();
    expect(invite(bench, `${PEER};transport=udp`, BIG).flow.transport).toBe('udp');
  });

  test('goes over UDP after all when the connection can’t be set up', () => {
    const bench = CoreBench.withApp();
    const first = invite(bench, PEER, BIG);
    bench.handle({ kind: 'closed', flow: TCP });
    const second = onlySent(bench);
    expect(second.flow.transport).toBe('udp');
    expect(second.message.get('via')).toMatch(/^SIP\/2\.0\/UDP /);
    expect(second.message.get('via')).not.toBe(first.message.get('via').replace('TCP', 'UDP'));
    expect(bench.core.counts['tcp-back-to-udp']).toBe(1);
    bench.advance(500);
    expect(onlySent(bench).text).toBe(second.text);
    bench.advance(32_000);
    expect(bench.frames().map(({ message }) => message?.status)).toEqual([408]);
    expect(bench.core.load).toEqual({ transactions: 0, dialogs: 0 });
  });

  test('fails when the connection breaks later: the peer may have it', () => {
    const bench = CoreBench.withApp();
    invite(bench, PEER, BIG);
    bench.handle({ kind: 'opened', flow: TCP });
    bench.look();
    bench.handle({ kind: 'closed', flow: TCP });
    const { sent, frames } = bench.look();
    expect(sent).toEqual([]);
    expect(frames.map(({ message }) => message?.status)).toEqual([503]);
  });

  test('a CANCEL that waited for it goes the same way', () => {
    const bench = CoreBench.withApp();
    bench.command(['sip', '', ''], appRequest('INVITE', PEER, [], `v=0\r\n${'x'.repeat(BIG)}`));
    const id = bench.frames()[0]?.tokens[10] ?? '';
    bench.command(['sip', id, ''], appRequest('CANCEL', PEER));
    bench.handle({ kind: 'closed', flow: TCP });
    const again = bench.sent().find(({ flow }) => flow.transport === 'udp');
    const via = again?.message.get('via') ?? '';
    const lines = ['From', 'To', 'Call-ID', 'CSeq'].map(
      (name) => `${name}: ${again?.message.get(name)}`,
    );
    bench.network(
      ['SIP/2.0 100 Trying', `Via: ${via}`, ...lines, '', ''].join('\r\n'),
      again?.flow,
    );
    const cancel = onlySent(bench);
    expect(cancel.message.method).toBe('CANCEL');
    expect(cancel.message.get('via')).toBe(via);
    expect(cancel.flow.transport).toBe('udp');
  });

  test('a peer that took no connection is not asked for one for a while', () => {
    const bench = CoreBench.withApp();
    invite(bench, PEER, BIG);
    bench.handle({ kind: 'closed', flow: TCP });
    bench.look();
    expect(invite(bench, PEER, BIG).flow.transport).toBe('udp');
    bench.advance(TCP_REFUSED_MS);
    bench.look();
    expect(invite(bench, PEER, BIG).flow.transport).toBe('tcp');
  });
});

describe('peers that take no connections', () => {
  const peer = (port: number): { address: string; port: number } => ({
    address: '192.0.2.7',
    port,
  });

  test('are remembered, so many of them', () => {
    const refusals = new TcpRefusals();
    const now = instant(0);
    for (let port = 1; port <= TCP_REFUSED_MAX; port++) refusals.add(peer(port), now);
    expect(refusals.has(peer(1), now)).toBe(true);
    refusals.add(peer(TCP_REFUSED_MAX + 1), now);
    expect(refusals.has(peer(1), now)).toBe(false);
    expect(refusals.has(peer(2), now)).toBe(true);
  });
});
