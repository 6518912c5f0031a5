import { wallclock } from '../../src/base/units.ts';
import type { TransferRecord } from '../../src/transfers/record.ts';
import type { Prompt, Subscriber } from '../../src/transfers/store.ts';
import type { Binding } from '../../src/state/state-store.ts';

/** The only platform, where no test says another. */
export const NODE = 'n1';

/** Records that are valid, with what a test cares about. */
export const transferRecord = (with_: Partial<TransferRecord> = {}): TransferRecord => ({
  id: 't1',
  version: 1,
  account: 'alice',
  node: NODE,
  mode: 'direct',
  ingest: 'prompted',
  delivery: 'waiting',
  receiver: 'alice',
  call: 'c1',
  capacity: 100,
  stored: 0,
  delivered: 0,
  createdAt: wallclock(1_000),
  changedAt: wallclock(1_000),
  ...with_,
});

export const subscriber = (with_: Partial<Subscriber> = {}): Subscriber => ({
  id: 'alice',
  ha1: { md5: 'aa', sha256: 'bb' },
  storagePassword: '$scrypt$x',
  space: 1_000,
  createdAt: wallclock(1_000),
  ...with_,
});

export const prompt = (with_: Partial<Prompt> = {}): Prompt => ({
  token: 'token-1',
  code: 'CODE0001',
  transfer: 't1',
  node: NODE,
  account: 'alice',
  expiresAt: wallclock(1_700_000_120_000),
  used: false,
  ...with_,
});

export const binding = (with_: Partial<Binding> = {}): Binding => ({
  contact: 'sip:alice@192.0.2.1:5060',
  source: { protocol: 'udp', address: '192.0.2.1', port: 5_060 },
  node: NODE,
  callId: 'r1',
  cseq: 1,
  expiresAt: wallclock(1_700_000_600_000),
  ...with_,
});
