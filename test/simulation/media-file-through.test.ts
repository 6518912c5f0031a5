import { describe, expect, test } from '@jest/globals';
import { OctetStreamView, parseOctetStreamAt } from '../../src/rtp/octet-stream.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { parseRtcp } from '../../src/rtp/rtcp.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import { BEFORE_FIRST_MAX } from '../../src/media/file-gaps.ts';
import { QUIET_MS } from '../../src/media/file-outlet.ts';
import { END_GRACE_MS, GOODBYE_MS } from '../../src/media/ingest.ts';
import type { Sent } from '../support/fake-sockets.ts';
import {
  fileDelivery,
  fileTerms,
  MediaRig,
  RECEIVER,
  RECEIVER_RTCP,
  SENDER,
  SENDER_RTCP,
} from '../support/media-rig.ts';
import { filePacket } from '../support/rtp-packets.ts';

const PIECE = 1_000;

function fileOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 0xff);
}

async function storing(terms = fileTerms()): Promise<{ rig: MediaRig; port: number }> {
  const rig = new MediaRig();
  const { rtp } = await rig.plane.openIngest('t');
  await rig.plane.confirmIngest('t', terms);
  return { rig, port: rtp };
}

/** Sends pieces of the file under running numbers. */
class FileSender {
  sequence = 65_530;
  readonly #rig: MediaRig;
  readonly #port: number;
  readonly #file: Uint8Array;
  /** Say E with the last piece. */
  readonly #sayEnd: boolean;

  constructor(rig: MediaRig, port: number, file: Uint8Array, sayEnd = true) {
    this.#rig = rig;
    this.#port = port;
    this.#file = file;
    this.#sayEnd = sayEnd;
  }

  send(...pieces: readonly number[]): void {
    for (const piece of pieces) {
      const data = this.#file.subarray(piece * PIECE, (piece + 1) * PIECE);
      const end = this.#sayEnd && (piece + 1) * PIECE >= this.#file.length;
      const fields = { sequence: this.sequence++ };
      this.#rig.arrive(this.#port, SENDER, filePacket(fields, piece * PIECE, data, end));
    }
  }

  /** Packets that get lost on the way. */
  lose(count: number): void {
    this.sequence += count;
  }
}

/** Puts a file together from what was sent to the receiver. */
function received(sent: readonly Sent[]): { file: Uint8Array; ends: number; sequences: number[] } {
  const rtp = new RtpView();
  const piece = new OctetStreamView();
  const pieces: { offset: number; data: Uint8Array }[] = [];
  const sequences: number[] = [];
  let ends = 0;
  for (const { bytes } of sent) {
    expect(parseRtp(bytes, bytes.length, rtp)).toBeUndefined();
    expect(parseOctetStreamAt(bytes, rtp.payloadStart, rtp.payloadEnd, piece)).toBe(true);
    expect(rtp.marker).toBe(piece.end);
    expect(rtp.payloadType).toBe(97);
    if (piece.end) ends++;
    sequences.push(rtp.sequence);
    pieces.push({ offset: piece.offset, data: bytes.subarray(rtp.payloadStart + 8) });
  }
  const size = Math.max(0, ...pieces.map(({ offset, data }) => offset + data.length));
  const file = new Uint8Array(size);
  for (const { offset, data } of pieces) file.set(data, offset);
  return { file, ends, sequences };
}

const nacksTo = (sent: readonly Sent[]): readonly number[] =>
  sent.flatMap(({ bytes }) => {
    const result = parseRtcp(bytes, 0, bytes.length);
    if (!result.ok) return [];
    return result.value.flatMap((packet) => (packet.type === 'nack' ? packet.sequences : []));
  });

function newest(sent: readonly Sent[]): Sent {
  const last = sent.at(-1);
  if (last === undefined) throw new Error('nothing was sent');
  return last;
}

async function deliver(rig: MediaRig, terms = fileDelivery()): Promise<number> {
  const { rtcp } = await rig.plane.openDelivery('d');
  await rig.plane.startDelivery('d', terms);
  await rig.advance(0);
  return rtcp;
}

function viewOf(sent: Sent): RtpView {
  const view = new RtpView();
  parseRtp(sent.bytes, sent.bytes.length, view);
  return view;
}

/** The receiver says that it has all up to this packet, and how much was lost. */
function report(rig: MediaRig, port: number, last: Sent, fractionLost = 0): void {
  const view = viewOf(last);
  const block = {
    ssrc: view.ssrc,
    fractionLost,
    lost: 0,
    highest: view.sequence,
    jitter: 0,
    lastSenderReport: 0,
    delaySinceLastSenderReport: 0,
  };
  const { bytes, length } = new RtcpWriter().receiverReport(77, [block]);
  rig.arrive(port, RECEIVER_RTCP, bytes.slice(0, length));
}

describe('a file through the plane', () => {
  test('is complete with E and no holes, whatever the order', async () => {
    const { rig, port } = await storing();
    const sender = new FileSender(rig, port, fileOf(4_500));
    sender.send(4, 0, 2, 1, 1);
    await rig.advance(10);
    expect(rig.ofType('ingest-ended')).toEqual([]);
    sender.send(3);
    await rig.advance(10);
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'complete', stored: 4_500 }]);
    expect(rig.spools.spools.get('t')?.packets).toHaveLength(5);
    await rig.plane.close();
  });

  test('is complete with the announced size, E or not', async () => {
    const { rig, port } = await storing(fileTerms({ size: 2_000 }));
    new FileSender(rig, port, fileOf(2_000), false).send(0, 1);
    await rig.advance(10);
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'complete', stored: 2_000 }]);
    await rig.plane.close();
  });

  test('a sender that did not hear our goodbye hears it again, not more than each GOODBYE_MS', async () => {
    const { rig, port } = await storing();
    const sender = new FileSender(rig, port, fileOf(1_000));
    sender.send(0);
    await rig.advance(GOODBYE_MS);
    expect(rig.sentTo(SENDER_RTCP)).toHaveLength(1);
    sender.send(0, 0);
    expect(rig.sentTo(SENDER_RTCP)).toHaveLength(1);
    await rig.advance(GOODBYE_MS - 1);
    sender.send(0);
    expect(rig.sentTo(SENDER_RTCP)).toHaveLength(0);
    await rig.advance(1);
    sender.send(0);
    expect(rig.sentTo(SENDER_RTCP)).toHaveLength(1);
    await rig.plane.close();
  });

  test('that ends before its announced size is incomplete', async () => {
    const { rig, port } = await storing(fileTerms({ size: 3_000 }));
    new FileSender(rig, port, fileOf(2_000)).send(0, 1);
    await rig.advance(10);
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'incomplete', stored: 2_000 }]);
    await rig.plane.close();
  });

  test('bytes past the announced size are not stored', async () => {
    const { rig, port } = await storing(fileTerms({ size: 1_500 }));
    new FileSender(rig, port, fileOf(2_000), false).send(0, 1);
    await rig.plane.endIngest('t', 'stopped');
    expect(rig.ofType('ingest-ended')).toMatchObject([
      { stored: 1_000, reception: { malformed: 1 } },
    ]);
    await rig.plane.close();
  });

  test('end-of-data waits a little for holes, then the file is incomplete', async () => {
    const { rig, port } = await storing();
    const sender = new FileSender(rig, port, fileOf(3_000));
    sender.send(0);
    sender.lose(1);
    sender.send(2);
    await rig.plane.endIngest('t', 'end-of-data');
    await rig.advance(END_GRACE_MS - 1);
    expect(rig.ofType('ingest-ended')).toEqual([]);
    await rig.advance(1);
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'incomplete', stored: 2_000 }]);
    await rig.plane.close();
  });

  test('lost packets are asked for, and a repair under a new number completes the file', async () => {
    const { rig, port } = await storing();
    const sender = new FileSender(rig, port, fileOf(9_000));
    sender.send(0, 1, 2, 3);
    sender.lose(3);
    sender.send(7, 8);
    await rig.advance(25);
    expect(nacksTo(rig.sentTo(SENDER_RTCP))).toEqual([65_534, 65_535, 0]);
    sender.send(4, 5);
    await rig.advance(25);
    expect(rig.ofType('ingest-ended')).toEqual([]);
    sender.send(6);
    await rig.advance(1_000);
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'complete', stored: 9_000 }]);
    expect(nacksTo(rig.sentTo(SENDER_RTCP))).toEqual([]);
    await rig.plane.close();
  });

  test('packets lost before the first are asked for by its place in the file', async () => {
    const { rig, port } = await storing();
    const sender = new FileSender(rig, port, fileOf(4_000));
    sender.sequence = 1;
    sender.lose(2);
    sender.send(2);
    await rig.advance(25);
    expect(nacksTo(rig.sentTo(SENDER_RTCP))).toEqual([1, 2]);
    await rig.plane.close();
  });

  test.each([BEFORE_FIRST_MAX, BEFORE_FIRST_MAX + 1])(
    'with %d packets lost before the first, no more than the limit are asked for',
    async (lost) => {
      const { rig, port } = await storing();
      const sender = new FileSender(rig, port, fileOf(200_000));
      sender.sequence = 1_000;
      sender.send(lost);
      await rig.advance(25);
      const asked = nacksTo(rig.sentTo(SENDER_RTCP));
      expect(asked).toHaveLength(BEFORE_FIRST_MAX);
      expect(asked.at(-1)).toBe(999);
      await rig.plane.close();
    },
  );

  test('the receiver has its first byte before the sender has sent the last, and all in the end', async () => {
    const { rig, port } = await storing();
    const file = fileOf(50_000);
    const sender = new FileSender(rig, port, file);
    const rtcp = await deliver(rig);
    sender.send(0, 1, 2);
    await rig.advance(20);
    const early = rig.sentTo(RECEIVER);
    expect(received(early).file).toEqual(file.subarray(0, 3_000));
    sender.send(...Array.from({ length: 47 }, (_, index) => index + 3));
    await rig.advance(500);
    const late = rig.sentTo(RECEIVER);
    expect(received([...early, ...late]).file).toEqual(file);
    report(rig, rtcp, newest(late));
    await rig.advance(QUIET_MS);
    expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'complete', delivered: 50_000 }]);
    await rig.plane.close();
  });

  test('goes out at maxRate, IP and UDP included', async () => {
    const { rig, port } = await storing();
    new FileSender(rig, port, fileOf(100_000)).send(...Array.from({ length: 100 }, (_, i) => i));
    await rig.advance(250);
    await deliver(rig, fileDelivery({ maxRate: 800_000 }));
    await rig.advance(200);
    const count = rig.sentTo(RECEIVER).length;
    expect(count).toBeGreaterThanOrEqual(18);
    expect(count).toBeLessThanOrEqual(22);
    await rig.plane.close();
  });

  test('the end is repeated with back-off until a report shows that it arrived', async () => {
    const { rig, port } = await storing();
    new FileSender(rig, port, fileOf(2_000)).send(0, 1);
    await rig.advance(10);
    const rtcp = await deliver(rig);
    await rig.advance(700);
    const sent = rig.sentTo(RECEIVER);
    const start = sent[1]?.at ?? 0;
    expect(received(sent).ends).toBe(4);
    expect(sent.slice(2).map(({ at }) => Math.round((at - start) / 100))).toEqual([0, 2, 6]);
    expect(rig.ofType('delivery-ended')).toEqual([]);
    report(rig, rtcp, newest(sent));
    await rig.advance(QUIET_MS);
    expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'complete', delivered: 2_000 }]);
    expect(rig.sentTo(RECEIVER)).toEqual([]);
    await rig.plane.close();
  });

  test('a receiver without RTCP is taken to have it all; one that fell silent is unreachable', async () => {
    for (const [reports, cause, afterMs] of [
      [false, 'complete', 6_200],
      [true, 'unreachable', 36_200],
    ] as const) {
      const { rig, port } = await storing();
      const sender = new FileSender(rig, port, fileOf(2_000));
      const rtcp = await deliver(rig);
      sender.send(0);
      await rig.advance(20);
      if (reports) report(rig, rtcp, newest(rig.sentTo(RECEIVER)));
      sender.send(1);
      await rig.advance(afterMs - 100);
      expect(rig.ofType('delivery-ended')).toEqual([]);
      await rig.advance(200);
      expect(rig.ofType('delivery-ended')).toMatchObject([{ cause }]);
      await rig.plane.close();
    }
  });

  test('the size alone ends it: the last packet gets its E from us', async () => {
    const { rig, port } = await storing(fileTerms({ size: 2_000 }));
    new FileSender(rig, port, fileOf(2_000), false).send(0, 1);
    await rig.advance(10);
    await deliver(rig);
    await rig.advance(20);
    expect(received(rig.sentTo(RECEIVER))).toMatchObject({ ends: 1 });
    await rig.plane.close();
  });

  test('an incomplete file is sent as far as it came, and no end is claimed', async () => {
    const { rig, port } = await storing(fileTerms({ size: 3_000 }));
    new FileSender(rig, port, fileOf(3_000), false).send(0, 2);
    await rig.plane.endIngest('t', 'stopped');
    await deliver(rig);
    await rig.advance(100);
    expect(received(rig.sentTo(RECEIVER)).ends).toBe(0);
    expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'complete', delivered: 2_000 }]);
    await rig.plane.close();
  });

  test('what the receiver asks for again is sent under a new number', async () => {
    const { rig, port } = await storing();
    const file = fileOf(3_000);
    new FileSender(rig, port, file).send(0, 1, 2);
    const rtcp = await deliver(rig);
    await rig.advance(60);
    const sent = rig.sentTo(RECEIVER);
    const { sequences } = received(sent);
    const view = new RtpView();
    parseRtp(sent[0]?.bytes ?? new Uint8Array(), sent[0]?.bytes.length ?? 0, view);
    const { bytes, length } = new RtcpWriter()
      .receiverReport(77, [])
      .nack(77, view.ssrc, [sequences[1] ?? 0]);
    rig.arrive(rtcp, RECEIVER_RTCP, bytes.slice(0, length));
    await rig.advance(20);
    const again = received(rig.sentTo(RECEIVER));
    expect(again.file.subarray(1_000)).toEqual(file.subarray(1_000, 2_000));
    expect(again.sequences).toEqual([((sequences.at(-1) ?? 0) + 1) & 0xffff]);
    await rig.plane.close();
  });

  test('a receiver that has the end has a while to ask for what it missed', async () => {
    const { rig, port } = await storing();
    new FileSender(rig, port, fileOf(2_000)).send(0, 1);
    const rtcp = await deliver(rig);
    await rig.advance(20);
    report(rig, rtcp, newest(rig.sentTo(RECEIVER)));
    await rig.advance(QUIET_MS - 21);
    expect(rig.ofType('delivery-ended')).toEqual([]);
    await rig.advance(21);
    expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'complete' }]);
    await rig.plane.close();
  });

  test('a request is answered at the pace of the file, and what is no longer in memory from the spool', async () => {
    const count = 400;
    const { rig, port } = await storing();
    const file = fileOf(count * PIECE);
    const sender = new FileSender(rig, port, file);
    sender.send(...Array.from({ length: count }, (_, index) => index));
    const rtcp = await deliver(rig, fileDelivery({ maxRate: 1_000_000 }));
    await rig.advance(3_500);
    const sent = rig.sentTo(RECEIVER).slice(0, count);
    const { sequences } = received(sent);
    const { ssrc } = viewOf(newest(sent));
    const writer = new RtcpWriter().receiverReport(77, []);
    const { bytes, length } = writer.nack(77, ssrc, sequences.slice(0, 100));
    rig.arrive(rtcp, RECEIVER_RTCP, bytes.slice(0, length));
    await rig.advance(400);
    const some = rig.sentTo(RECEIVER);
    expect(some.length).toBeGreaterThan(40);
    expect(some.length).toBeLessThan(60);
    await rig.advance(500);
    const again = received([...some, ...rig.sentTo(RECEIVER)]);
    expect(again.file.subarray(0, 100 * PIECE)).toEqual(file.subarray(0, 100 * PIECE));
    await rig.plane.close();
  });

  test('BYE of a receiver that was sent all is as good as a report', async () => {
    const { rig, port } = await storing();
    new FileSender(rig, port, fileOf(2_000)).send(0, 1);
    const rtcp = await deliver(rig);
    await rig.advance(20);
    const { bytes, length } = new RtcpWriter().receiverReport(77, []).bye(77);
    rig.arrive(rtcp, RECEIVER_RTCP, bytes.slice(0, length));
    expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'complete', delivered: 2_000 }]);
    await rig.plane.close();
  });

  test('BYE of the receiver stops it', async () => {
    const { rig, port } = await storing();
    new FileSender(rig, port, fileOf(3_000)).send(0);
    const rtcp = await deliver(rig);
    const { bytes, length } = new RtcpWriter().receiverReport(77, []).bye(77);
    rig.arrive(rtcp, { ...RECEIVER_RTCP, port: 9 }, bytes.slice(0, length));
    expect(rig.ofType('delivery-ended')).toEqual([]);
    rig.arrive(rtcp, RECEIVER_RTCP, bytes.slice(0, length));
    expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'stopped' }]);
    await rig.plane.close();
  });
});
