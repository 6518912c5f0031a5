import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../src/base/address.ts';
import { END_GRACE_MS } from '../../src/media/ingest.ts';
import { LEARN_MS } from '../../src/media/peer.ts';
import { LOCK_PACKETS } from '../../src/media/source-lock.ts';
import { RtcpWriter } from '../../src/rtp/rtcp-writer.ts';
import type { RtpAddress } from '../../src/transfers/media-plane.ts';
import { MediaRig, speechDelivery, speechTerms, STRANGER } from '../support/media-rig.ts';
import { PLAIN, rtpPacket, speech } from '../support/rtp-packets.ts';

const CALLS = 1_000;
/** Each of these many calls has a transfer beside its voice. */
const CALLS_PER_TRANSFER = 5;
const STRANGE_SSRC = 0x6666_6666;
const PORTS = { portMin: 10_000, portMax: 29_999 };

/** What a stranger tries on a port: media, reports that ask for things, and the end of it all. */
const ATTACKS: readonly Uint8Array[] = [
  rtpPacket({ ssrc: STRANGE_SSRC, sequence: 1 }, speech(1)),
  rtpPacket({ ssrc: PLAIN.ssrc, sequence: 2 }, speech(2)),
  rtcp((writer) => writer.receiverReport(STRANGE_SSRC, []).nack(STRANGE_SSRC, PLAIN.ssrc, [1, 2])),
  rtcp((writer) => writer.receiverReport(PLAIN.ssrc, []).bye(PLAIN.ssrc)),
  Uint8Array.of(1, 2, 3),
];

function rtcp(write: (writer: RtcpWriter) => RtcpWriter): Uint8Array {
  const writer = write(new RtcpWriter());
  return writer.bytes.slice(0, writer.length);
}

/** `silent`: behind a NAT as well, but it says nothing while it could be learnt. */
const kinds = ['strict', 'learnt', 'silent'] as const;

/** Phone `side` of call `index`: what it signals, and where its packets come from. */
class Phone {
  readonly kind: (typeof kinds)[number];
  readonly actual: Address;
  readonly remote: RtpAddress;

  constructor(index: number, side: 'caller' | 'callee') {
    this.kind = kinds[index % kinds.length] ?? 'strict';
    const host = side === 'caller' ? '192.0.2.1' : '192.0.2.2';
    const rtp = { address: host, port: 2_000 + 2 * index };
    const rtcp = { address: host, port: rtp.port + 1 };
    const behindNat = this.kind !== 'strict';
    this.actual = this.kind === 'learnt' ? { address: '192.0.2.200', port: rtp.port } : rtp;
    this.remote = { rtp, rtcp, behindNat };
  }
}

/** A plane with all its calls and transfers, and the ports of all that is open. */
class BusyPlane {
  readonly rig = new MediaRig(PORTS);
  readonly calls: {
    readonly caller: Phone;
    readonly callee: Phone;
    readonly ports: readonly [number, number];
  }[] = [];
  readonly ingests: { readonly id: string; readonly port: number; readonly phone: Phone }[] = [];

  static async of(count: number): Promise<BusyPlane> {
    const busy = new BusyPlane();
    for (let index = 0; index < count; index++) {
      await busy.#addCall(index);
      if (index % CALLS_PER_TRANSFER === 0) await busy.#addTransfer(index);
    }
    return busy;
  }

  get openPorts(): readonly number[] {
    return this.rig.sockets.ports.filter((port) => port !== undefined);
  }

  /** Every phone says something, but those of one kind. */
  speak(sequence: number, except?: Phone['kind']): void {
    const packet = rtpPacket({ sequence, timestamp: 160 * sequence }, speech(sequence));
    for (const { caller, callee, ports } of this.calls) {
      if (caller.kind === except) continue;
      this.rig.arrive(ports[0], caller.actual, packet);
      this.rig.arrive(ports[1], callee.actual, packet);
    }
    for (const { port, phone } of this.ingests)
      if (phone.kind !== except) this.rig.arrive(port, phone.actual, packet);
  }

  spray(): number {
    const ports = this.openPorts;
    for (const port of ports) for (const attack of ATTACKS) this.rig.arrive(port, STRANGER, attack);
    return ports.length * ATTACKS.length;
  }

  async #addCall(index: number): Promise<void> {
    const { plane } = this.rig;
    const caller = new Phone(index, 'caller');
    const callee = new Phone(index, 'callee');
    const ports = await plane.openRelay(`r${index}`);
    await plane.setRelayRemote(`r${index}`, 'caller', caller.remote);
    await plane.setRelayRemote(`r${index}`, 'callee', callee.remote);
    this.calls.push({ caller, callee, ports: [ports.caller.rtp, ports.callee.rtp] });
  }

  /** An ingest that is confirmed, one that is not, a delivery that runs, and one that does not. */
  async #addTransfer(index: number): Promise<void> {
    const { plane } = this.rig;
    const phone = new Phone(index, 'caller');
    const { rtp } = await plane.openIngest(`t${index}`);
    await plane.confirmIngest(`t${index}`, speechTerms({ remote: phone.remote }));
    this.ingests.push({ id: `t${index}`, port: rtp, phone });
    await plane.openIngest(`waiting${index}`);
    await plane.openDelivery(`d${index}`);
    const { remote } = new Phone(index, 'callee');
    await plane.startDelivery(`d${index}`, speechDelivery({ transfer: `t${index}`, remote }));
    await plane.openDelivery(`later${index}`);
  }
}

/** Where the plane may send to: what was signalled, or locked to. */
const KNOWN_HOSTS = ['192.0.2.1', '192.0.2.2', '192.0.2.200'];

const strange = (bytes: Uint8Array): boolean =>
  ATTACKS.some((attack) => Buffer.from(attack).equals(bytes)) ||
  Buffer.from(bytes).includes(Buffer.from('66666666', 'hex'));

describe(`a stranger that sprays all ports during ${CALLS} calls`, () => {
  test('reaches no store and no phone, gets nothing, and is counted packet by packet', async () => {
    const busy = await BusyPlane.of(CALLS);
    const { rig } = busy;
    // Those behind a NAT are learnt, or their time runs out.
    for (let sequence = 0; sequence < LOCK_PACKETS; sequence++) {
      busy.speak(sequence, 'silent');
      await rig.advance(20);
    }
    await rig.advance(LEARN_MS);
    const before = await rig.plane.counts();
    const sent = rig.sockets.sent.splice(0);
    let sprayed = 0;
    for (let sequence = LOCK_PACKETS; sequence < LOCK_PACKETS + 3; sequence++) {
      sprayed += busy.spray();
      busy.speak(sequence);
      await rig.advance(20);
    }
    // Long enough for a forged goodbye to end something.
    await rig.advance(END_GRACE_MS);
    const after = await rig.plane.counts();
    expect(busy.openPorts.length).toBeGreaterThan(4 * CALLS);
    expect(after.foreign + after.unconfirmed - before.foreign - before.unconfirmed).toBe(sprayed);
    sent.push(...rig.sockets.sent);
    expect(sent.filter(({ host }) => !KNOWN_HOSTS.includes(host))).toEqual([]);
    expect(sent.filter(({ bytes }) => strange(bytes))).toEqual([]);
    const relayed = rig.sockets.sent.filter(({ bytes }) => bytes.length === ATTACKS[0]?.length);
    expect(relayed.length).toBeGreaterThanOrEqual(2 * 3 * CALLS);
    for (const { id } of busy.ingests) {
      const packets = rig.spools.spools.get(id)?.packets ?? [];
      expect(packets.length).toBeGreaterThan(0);
      expect(packets.filter(strange)).toEqual([]);
    }
    expect(rig.ofType('ingest-ended')).toEqual([]);
    expect(rig.ofType('delivery-ended')).toEqual([]);
    await rig.plane.close();
  }, 60_000);
});
