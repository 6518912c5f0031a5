import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { wallclock } from '../../src/base/units.ts';
import { RECORD_KIND } from '../../src/spool/record.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';
import { octets, PCMU, rtpPacket, STARTED_AT } from '../support/rtp-spool.ts';
import { transferRecord } from '../support/transfer-records.ts';
import { json, withWeb, type WebRig } from '../support/web-rig.ts';

const CONTENT = '/v1/accounts/alice/transfers/t1/content';
const WAV_HEADER_BYTES = 58;

/** A transfer that comes in, packet by packet. */
class Incoming {
  readonly #rig: WebRig;
  readonly #writer: SpoolWriter;
  #sequence = 0;

  constructor(rig: WebRig, writer: SpoolWriter) {
    this.#rig = rig;
    this.#writer = writer;
  }

  static async open(rig: WebRig, header: Readonly<Record<string, unknown>>): Promise<Incoming> {
    const full = { v: 1, transfer: 't1', account: 'alice', startedAt: STARTED_AT, ...header };
    const record = transferRecord({ ingest: 'storing' });
    await rig.state.putTransfer(record);
    rig.live.set('t1', record);
    return new Incoming(rig, await SpoolWriter.open(rig.folder, 't1', full));
  }

  async add(...payloads: readonly Uint8Array[]): Promise<void> {
    for (const payload of payloads) {
      const sequence = this.#sequence++;
      const bytes = rtpPacket({ payload, sequence, timestamp: sequence * 160, arrival: 0 });
      const arrival = wallclock(STARTED_AT + sequence * 20);
      this.#writer.append(RECORD_KIND.rtp, arrival, bytes, 0, bytes.length);
    }
    await this.#writer.sync();
    this.#rig.watch.changed('t1');
  }

  async end(): Promise<void> {
    await this.#writer.end({ cause: 'complete' });
    this.#rig.live.set('t1', transferRecord({ ingest: 'settling' }));
    this.#rig.watch.changed('t1');
  }
}

/** Reads as many bytes as are asked for, and not the end. */
async function take(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  count: number,
): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < count) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ended after ${bytes.length} bytes`);
    bytes = Buffer.concat([bytes, value]);
  }
  return bytes;
}

async function rest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  for (let next = await reader.read(); !next.done; next = await reader.read())
    bytes = Buffer.concat([bytes, next.value]);
  return bytes;
}

const FILE = {
  kind: 'file',
  format: 'image/png',
  name: 'big.png',
  payload: { ...PCMU, encoding: 'octet-stream' },
};

describe('the content of a transfer that goes on', () => {
  test('a file: its beginning before its end was sent, in order, whatever order it came in', async () => {
    await withWeb(async (rig) => {
      const bytes = randomBytes(20_000);
      const piece = (at: number) =>
        octets(at * 1_000, bytes.subarray(at * 1_000, (at + 1) * 1_000));
      const incoming = await Incoming.open(rig, { ...FILE, size: bytes.length });
      await incoming.add(piece(0), piece(1), piece(2), piece(4), piece(3));
      const answer = await rig.get(CONTENT, await rig.signedIn());
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('image/png');
      expect(answer.headers.get('content-length')).toBeNull();
      expect(answer.headers.get('accept-ranges')).toBe('none');
      const reader = answer.body?.getReader();
      if (reader === undefined) throw new Error('no body');
      const first = await take(reader, 4_000);
      expect(first).toEqual(bytes.subarray(0, first.length));
      const others = Array.from({ length: 14 }, (_, at) => piece(19 - at));
      await incoming.add(...others);
      await incoming.add(piece(5));
      await incoming.end();
      expect(Buffer.concat([first, await rest(reader)])).toEqual(bytes);
    });
  });

  test('holes that stay are zeros, and it ends with the last byte that came', async () => {
    await withWeb(async (rig) => {
      const incoming = await Incoming.open(rig, { ...FILE, size: 9_000 });
      await incoming.add(octets(0, Buffer.from('abc')), octets(6, Buffer.from('ghi')));
      const answer = await rig.get(CONTENT, await rig.signedIn());
      await incoming.end();
      expect(await answer.text()).toBe('abc\0\0\0ghi');
    });
  });

  test('speech: a WAV that plays while it comes in', async () => {
    await withWeb(async (rig) => {
      const samples = randomBytes(160 * 50);
      const packets = Array.from({ length: 50 }, (_, at) =>
        samples.subarray(at * 160, at * 160 + 160),
      );
      const incoming = await Incoming.open(rig, {
        kind: 'media',
        format: 'audio/PCMU',
        payload: PCMU,
      });
      await incoming.add(...packets.slice(0, 25));
      const answer = await rig.get(CONTENT, await rig.signedIn());
      expect(answer.headers.get('content-type')).toBe('audio/wav');
      const reader = answer.body?.getReader();
      if (reader === undefined) throw new Error('no body');
      const first = await take(reader, 3_000);
      expect(first.toString('latin1', 0, 4)).toBe('RIFF');
      expect(first.readUInt32LE(WAV_HEADER_BYTES - 4)).toBe(0xffff_ffff);
      await incoming.add(...packets.slice(25));
      await incoming.end();
      const all = Buffer.concat([first, await rest(reader)]);
      expect(all.subarray(WAV_HEADER_BYTES)).toEqual(samples);
    });
  });

  test('nothing can be told before the first packet’s spool is there', async () => {
    await withWeb(async (rig) => {
      const record = transferRecord({ ingest: 'prompted' });
      await rig.state.putTransfer(record);
      rig.live.set('t1', record);
      const answer = await rig.get(CONTENT, await rig.signedIn());
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(await json(answer)).toMatchObject({ status: 409, code: 'not-ready' });
    });
  });

  test('what comes in at another node is had there, and from any when it is over', async () => {
    await withWeb(async (rig) => {
      await rig.state.putTransfer(transferRecord({ ingest: 'storing', node: 'elsewhere' }));
      const answer = await rig.get(CONTENT, await rig.signedIn());
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(await json(answer)).toMatchObject({
        status: 409,
        code: 'not-ready',
        node: 'elsewhere',
        retryAfter: 5,
        detail: 'it comes in at node elsewhere; any has it when it is over',
      });
    });
  });

  test('who leaves is not waited for, and who asks for the head gets it', async () => {
    await withWeb(async (rig) => {
      const incoming = await Incoming.open(rig, FILE);
      await incoming.add(octets(0, Buffer.alloc(1_000)), octets(1_000, Buffer.alloc(1_000)));
      const headers = await rig.signedIn();
      const head = await fetch(rig.url + CONTENT, { method: 'HEAD', headers });
      expect([head.status, rig.watch.listeners]).toEqual([200, 0]);
      const leaving = new AbortController();
      const answer = await fetch(rig.url + CONTENT, { headers, signal: leaving.signal });
      expect([answer.status, rig.watch.listeners]).toEqual([200, 1]);
      leaving.abort();
      while (rig.watch.listeners > 0) await new Promise((resolve) => setImmediate(resolve));
      await incoming.end();
    });
  });
});
