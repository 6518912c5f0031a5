import { loadavg } from 'node:os';
import { RtpHeader, SrtpSession } from 'werift-rtp';
import { writeRtpHeader } from '../../src/rtp/packet.ts';
import { IncomingSrtp } from '../../src/rtp/srtp/incoming-srtp.ts';
import { OutgoingSrtp, TRAILER_BYTES_MAX } from '../../src/rtp/srtp/outgoing-srtp.ts';
import { SUITES, type SuiteName } from '../../src/rtp/srtp/suites.ts';
import { srtpKey, SUITE_NAMES } from '../support/srtp.ts';

/** 20 ms of G.711, and a file's packet. */
const SIZES = [172, 1_220];
const PACKETS = 30_000;
/** Few enough that the collector does not run in between, when the young generation is large. */
const COUNTED = 400;
/** The two suites that werift-rtp speaks, by its numbers. */
const WERIFT: Partial<Record<SuiteName, 1 | 7>> = {
  AES_CM_128_HMAC_SHA1_80: 1,
  AEAD_AES_128_GCM: 7,
};

interface Row {
  readonly who: 'ours' | 'werift-rtp';
  readonly suite: SuiteName;
  readonly bytes: number;
  /** CPU µs to seal and to open one packet. */
  readonly micros: number;
  /** Bytes allocated on the heap for that. */
  readonly heapBytes: number;
}

/**
 * What SRTP costs a packet that is sealed and opened again, without a network: our transforms, and those of the library that we
 * might have used. `node --expose-gc --max-semi-space-size=64` makes the count of bytes exact.
 */
export async function srtp(args: readonly string[]): Promise<void> {
  const rows: Row[] = [];
  for (const bytes of SIZES) {
    for (const suite of SUITE_NAMES) {
      rows.push(measure('ours', suite, bytes, ourTurn(suite, bytes)));
      const profile = WERIFT[suite];
      if (profile === undefined) continue;
      rows.push(measure('werift-rtp', suite, bytes, weriftTurn(suite, profile, bytes)));
    }
  }
  const load = loadavg()[0];
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ load, rows })}\n`);
  else console.table(rows);
}

/** @returns a function that seals and opens the packet of a sequence number. */
function ourTurn(suite: SuiteName, bytes: number): (sequence: number) => void {
  const key = srtpKey(suite);
  const [outgoing, incoming] = [new OutgoingSrtp(key), new IncomingSrtp(key)];
  const slab = new Uint8Array(bytes + TRAILER_BYTES_MAX);
  return (sequence) => {
    writeRtpHeader(slab, 0, { marker: false, payloadType: 0, sequence, timestamp: 0, ssrc: 7 });
    const end = incoming.unprotectRtp(slab, 0, outgoing.protectRtp(slab, 0, bytes));
    if (end !== bytes) throw new Error(String(end));
  };
}

function weriftTurn(suite: SuiteName, profile: 1 | 7, bytes: number): (sequence: number) => void {
  const { keySalt } = srtpKey(suite);
  const key = Buffer.from(keySalt.subarray(0, SUITES[suite].keyBytes));
  const salt = Buffer.from(keySalt.subarray(SUITES[suite].keyBytes));
  const local = { localMasterKey: key, localMasterSalt: salt };
  const keys = { ...local, remoteMasterKey: key, remoteMasterSalt: salt };
  const session = new SrtpSession({ keys, profile });
  const payload = Buffer.alloc(bytes - 12);
  const header = new RtpHeader({ ssrc: 7, payloadType: 0, timestamp: 0 });
  return (sequence) => {
    header.sequenceNumber = sequence & 0xffff;
    session.decrypt(session.encrypt(payload, header));
  };
}

function measure(
  who: Row['who'],
  suite: SuiteName,
  bytes: number,
  turn: (sequence: number) => void,
): Row {
  let sequence = 0;
  while (sequence < PACKETS) turn(sequence++);
  const started = process.cpuUsage();
  while (sequence < 2 * PACKETS) turn(sequence++);
  const { user, system } = process.cpuUsage(started);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < COUNTED; count++) turn(sequence++);
  const heapBytes = Math.round((process.memoryUsage().heapUsed - before) / COUNTED);
  const micros = Math.round((10 * (user + system)) / PACKETS) / 10;
  return { who, suite, bytes, micros, heapBytes };
}
