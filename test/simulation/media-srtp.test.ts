import { describe, expect, test } from '@jest/globals';
import { BYE_MS, GOODBYE_MS } from '../../src/media/ingest.ts';
import { LOCK_PACKETS } from '../../src/media/source-lock.ts';
import { parseRtp, RtpView } from '../../src/rtp/packet.ts';
import { parseRtcp, type RtcpPacket } from '../../src/rtp/rtcp.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import { IncomingSrtp } from '../../src/rtp/srtp/incoming-srtp.ts';
import { OutgoingSrtp } from '../../src/rtp/srtp/outgoing-srtp.ts';
import type { SuiteName } from '../../src/rtp/srtp/suites.ts';
import type { IngestTerms, SrtpKeys } from '../../src/transfers/media-plane.ts';
import type { Sent } from '../support/fake-sockets.ts';
import {
  fileDelivery,
  fileTerms,
  MediaRig,
  RECEIVER,
  RECEIVER_RTCP,
  SENDER,
  SENDER_RTCP,
  speechDelivery,
  speechTerms,
  STRANGER,
} from '../support/media-rig.ts';
import { filePacket, rtpPacket, speech } from '../support/rtp-packets.ts';
import { inSlab, srtpKey, SUITE_NAMES } from '../support/srtp.ts';

const keysOf = (suite: SuiteName): SrtpKeys => ({
  incoming: srtpKey(suite, 1),
  outgoing: srtpKey(suite, 2),
});
const KEYS = keysOf('AES_CM_128_HMAC_SHA1_80');

/** The other side of a leg: seals what it sends, opens what it gets. */
class FarEnd {
  readonly #outgoing: OutgoingSrtp;
  readonly #incoming: IncomingSrtp;

  constructor({ incoming, outgoing }: SrtpKeys) {
    this.#outgoing = new OutgoingSrtp(incoming);
    this.#incoming = new IncomingSrtp(outgoing);
  }

  rtp(packet: Uint8Array): Uint8Array {
    const { slab, start, end } = inSlab(packet);
    return slab.slice(start, this.#outgoing.protectRtp(slab, start, end));
  }

  rtcp({ bytes, length }: RtcpWriter): Uint8Array {
    const { slab, start, end } = inSlab(bytes.subarray(0, length));
    return slab.slice(start, this.#outgoing.protectRtcp(slab, start, end));
  }

  openRtp({ bytes }: Sent): Uint8Array {
    return bytes.slice(0, Number(this.#incoming.unprotectRtp(bytes, 0, bytes.length)));
  }

  openRtcp({ bytes }: Sent): readonly RtcpPacket[] {
    const end = Number(this.#incoming.unprotectRtcp(bytes, 0, bytes.length));
    const parsed = parseRtcp(bytes, 0, end);
    return parsed.ok ? parsed.value : [];
  }
}

async function storing(
  terms: IngestTerms,
): Promise<{ rig: MediaRig; port: number; rtcp: number; far: FarEnd }> {
  const rig = new MediaRig();
  const { rtp, rtcp } = await rig.plane.openIngest('t');
  await rig.plane.confirmIngest('t', terms);
  return { rig, port: rtp, rtcp, far: new FarEnd(terms.srtp ?? KEYS) };
}

const ended = async (rig: MediaRig): Promise<unknown> => {
  await rig.plane.endIngest('t', 'stopped');
  await rig.advance(0);
  return rig.ofType('ingest-ended')[0];
};

describe.each(SUITE_NAMES)('a file by SRTP, %s', (suite) => {
  test('is stored in the clear, and leaves under the key of the other leg', async () => {
    const srtp = keysOf(suite);
    const { rig, port, far } = await storing(fileTerms({ srtp, size: 3 }));
    const packets = [0, 1, 2].map((offset) =>
      filePacket({ sequence: 65_534 + offset }, offset, Uint8Array.of(offset), offset === 2),
    );
    for (const packet of packets) {
      rig.arrive(port, SENDER, far.rtp(packet));
      await rig.advance(1);
    }
    await rig.advance(10);
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'complete', stored: 3 }]);
    expect(rig.spools.spools.get('t')?.packets).toEqual(packets);
    const goodbye = rig.sentTo(SENDER_RTCP).flatMap((sent) => far.openRtcp(sent));
    expect(goodbye).toContainEqual(expect.objectContaining({ type: 'bye' }));

    const keys = { incoming: srtpKey(suite, 3), outgoing: srtpKey(suite, 4) };
    const receiver = new FarEnd(keys);
    const { rtcp } = await rig.plane.openDelivery('d');
    await rig.plane.startDelivery('d', fileDelivery({ srtp: keys }));
    await rig.advance(20);
    const sent = rig.sentTo(RECEIVER).map((datagram) => receiver.openRtp(datagram));
    const view = new RtpView();
    const bodies = sent.map((packet) => {
      expect(parseRtp(packet, packet.length, view)).toBe(undefined);
      return packet[view.payloadStart + 8];
    });
    expect(bodies.slice(0, 3)).toEqual([0, 1, 2]);

    // Asked for again, it comes again; BYE ends it.
    const nack = new RtcpWriter().receiverReport(77, []).nack(77, view.ssrc, [view.sequence]);
    rig.arrive(rtcp, RECEIVER_RTCP, receiver.rtcp(nack));
    expect(rig.sentTo(RECEIVER)).toHaveLength(1);
    rig.arrive(rtcp, RECEIVER_RTCP, receiver.rtcp(new RtcpWriter().receiverReport(77, []).bye(77)));
    expect(rig.ofType('delivery-ended')).toMatchObject([{ cause: 'complete' }]);
    await rig.plane.close();
  });
});

describe('what is not authentic changes nothing', () => {
  const wrong = (): FarEnd =>
    new FarEnd({ ...KEYS, incoming: srtpKey('AES_CM_128_HMAC_SHA1_80', 9) });
  const packet = (sequence: number, ssrc: number): Uint8Array =>
    rtpPacket({ sequence, ssrc, timestamp: 160 * sequence }, speech(sequence));

  test('another key, or none: nothing stored, no SSRC learnt, no statistics, no report', async () => {
    const { rig, port, far } = await storing(speechTerms({ srtp: KEYS }));
    const stranger = wrong();
    for (let sequence = 0; sequence < 5; sequence++) {
      rig.arrive(port, SENDER, stranger.rtp(packet(sequence, 1)));
      rig.arrive(port, SENDER, packet(sequence, 1));
      await rig.advance(2_000);
    }
    expect(rig.sentTo(SENDER_RTCP)).toEqual([]);
    expect(rig.spools.spools.get('t')?.packets).toEqual([]);
    rig.arrive(port, SENDER, far.rtp(packet(9, 2)));
    rig.arrive(port, STRANGER, far.rtp(packet(10, 2)));
    expect(await ended(rig)).toMatchObject({
      stored: 160,
      reception: { received: 1, expected: 1, unauthentic: 10, foreign: 1, malformed: 0 },
    });
    expect(await rig.plane.counts()).toMatchObject({ unauthentic: 10, foreign: 1, replayed: 0 });
    await rig.plane.close();
  });

  test('it does not show a sender at work: the ingest ends as idle', async () => {
    const { rig, port } = await storing(speechTerms({ srtp: KEYS, idleMs: 1_000 }));
    const stranger = wrong();
    for (let sequence = 0; sequence < 5; sequence++) {
      rig.arrive(port, SENDER, stranger.rtp(packet(sequence, 1)));
      await rig.advance(300);
    }
    expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'idle', stored: 0 }]);
    await rig.plane.close();
  });

  test('a BYE that is forged, plain or under another key ends nothing, neither here nor there', async () => {
    const { rig, port, rtcp, far } = await storing(speechTerms({ srtp: KEYS }));
    rig.arrive(port, SENDER, far.rtp(packet(0, 5)));
    await rig.plane.openDelivery('d').then(async (ports) => {
      await rig.plane.startDelivery('d', fileDelivery({ srtp: KEYS }));
      const bye = new RtcpWriter().receiverReport(5, []).cname(5, 'someone').bye(5);
      const plain = bye.bytes.slice(0, bye.length);
      for (const bytes of [plain, wrong().rtcp(bye)]) {
        rig.arrive(rtcp, SENDER_RTCP, bytes);
        rig.arrive(ports.rtcp, RECEIVER_RTCP, bytes);
      }
    });
    await rig.advance(500);
    expect(rig.ofType('ingest-ended')).toEqual([]);
    expect(rig.ofType('delivery-ended')).toEqual([]);
    expect(await rig.plane.counts()).toMatchObject({ unauthentic: 4 });
    rig.arrive(rtcp, SENDER_RTCP, far.rtcp(new RtcpWriter().receiverReport(5, []).bye(5)));
    await rig.advance(BYE_MS);
    expect(rig.ofType('ingest-ended')).toMatchObject([
      { cause: 'bye', reception: { unauthentic: 2 } },
    ]);
    await rig.plane.close();
  });

  test('after the end it brings no goodbye; an authentic one does', async () => {
    const { rig, port, far } = await storing(speechTerms({ srtp: KEYS }));
    rig.arrive(port, SENDER, far.rtp(packet(0, 5)));
    await rig.plane.endIngest('t', 'stopped');
    await rig.advance(GOODBYE_MS);
    rig.sentTo(SENDER_RTCP);
    rig.arrive(port, SENDER, wrong().rtp(packet(1, 5)));
    expect(rig.sentTo(SENDER_RTCP)).toEqual([]);
    rig.arrive(port, SENDER, far.rtp(packet(1, 5)));
    expect(rig.sentTo(SENDER_RTCP)).toHaveLength(1);
    await rig.plane.close();
  });

  test('a replay is counted and not stored again', async () => {
    const { rig, port, far } = await storing(speechTerms({ srtp: KEYS }));
    const bytes = far.rtp(packet(0, 5));
    for (let times = 0; times < 3; times++) rig.arrive(port, SENDER, bytes);
    rig.arrive(port, SENDER, bytes.subarray(0, 15));
    expect(await ended(rig)).toMatchObject({
      stored: 160,
      reception: { received: 1, duplicate: 0, replayed: 2, malformed: 1 },
    });
    expect(await rig.plane.counts()).toMatchObject({ replayed: 2, malformed: 1 });
    await rig.plane.close();
  });
});

test('with rtcp-mux RTP and RTCP are told apart before they are opened', async () => {
  const remote = { rtp: SENDER, rtcp: SENDER };
  const { rig, port, far } = await storing(speechTerms({ srtp: KEYS, remote }));
  rig.arrive(port, SENDER, far.rtp(rtpPacket({ ssrc: 5 }, speech(0))));
  rig.arrive(port, SENDER, far.rtcp(new RtcpWriter().receiverReport(5, []).bye(5)));
  await rig.advance(BYE_MS);
  expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'bye', stored: 160 }]);
  const control = rig.sentTo(SENDER).flatMap((sent) => far.openRtcp(sent));
  expect(control).toContainEqual(expect.objectContaining({ type: 'bye' }));
  await rig.plane.close();
});

test('behind a NAT only what is authentic teaches where the sender is', async () => {
  const remote = { rtp: SENDER, rtcp: SENDER_RTCP, behindNat: true };
  const { rig, port, far } = await storing(speechTerms({ srtp: KEYS, remote }));
  const forger = new FarEnd({ ...KEYS, incoming: srtpKey('AES_CM_128_HMAC_SHA1_80', 9) });
  const nat = { address: '198.51.100.1', port: 61_000 };
  const say = (end: FarEnd, from: typeof nat, sequence: number): void =>
    rig.arrive(port, from, end.rtp(rtpPacket({ sequence }, speech(sequence))));
  for (let sequence = 0; sequence < LOCK_PACKETS; sequence++) {
    for (let times = 0; times < LOCK_PACKETS; times++) say(forger, STRANGER, sequence);
    say(far, nat, sequence);
  }
  say(forger, nat, LOCK_PACKETS);
  say(far, nat, LOCK_PACKETS);
  expect(await ended(rig)).toMatchObject({
    reception: {
      received: 2,
      foreign: LOCK_PACKETS - 1,
      unauthentic: LOCK_PACKETS * LOCK_PACKETS + 1,
    },
  });
  await rig.plane.close();
});

test('a receiver that uses our SSRC gets the stream under another, in the clear to it', async () => {
  const { rig, port } = await storing(speechTerms());
  const out = await rig.plane.openDelivery('d');
  await rig.plane.startDelivery('d', speechDelivery({ srtp: KEYS }));
  const far = new FarEnd(KEYS);
  const heard = async (number: number): Promise<RtpView> => {
    const fields = { sequence: number, timestamp: 160 * number };
    rig.arrive(port, SENDER, rtpPacket(fields, speech(number)));
    await rig.advance(20);
    const [sent] = rig.sentTo(RECEIVER);
    if (sent === undefined) throw new Error('nothing was sent');
    const bytes = far.openRtp(sent);
    const view = new RtpView();
    expect(parseRtp(bytes, bytes.length, view)).toBeUndefined();
    expect(bytes.subarray(view.payloadStart)).toEqual(speech(number));
    return view;
  };
  const { ssrc } = await heard(1);
  rig.arrive(out.rtcp, RECEIVER_RTCP, far.rtcp(new RtcpWriter().receiverReport(ssrc, [])));
  expect((await heard(2)).ssrc).not.toBe(ssrc);
  await rig.plane.close();
});
