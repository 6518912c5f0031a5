import { describe, expect, test } from '@jest/globals';
import type { TransferRecord } from '../../../src/transfers/record.ts';
import { completeOf, stateOf, statusOf } from '../../../src/transfers/reports.ts';
import { CLEAN } from '../../support/scripted-media-plane.ts';
import { transferRecord } from '../../support/transfer-records.ts';

describe('one word for where a transfer is', () => {
  test.each<[TransferRecord['ingest'], TransferRecord['delivery'], string]>([
    ['prompted', 'waiting', 'prompted'],
    ['confirmed', 'waiting', 'confirmed'],
    ['storing', 'waiting', 'storing'],
    ['storing', 'offered', 'offered'],
    ['storing', 'delivering', 'delivering'],
    ['settling', 'delivering', 'delivering'],
    ['settling', 'delivered', 'settling'],
    ['complete', 'delivering', 'complete'],
    ['cancelled', 'left', 'cancelled'],
  ])('%s and %s: %s', (ingest, delivery, word) => {
    expect(stateOf(transferRecord({ ingest, delivery }))).toBe(word);
  });
});

describe('a status', () => {
  test('has what is known', () => {
    expect(statusOf(transferRecord({ stored: 3, delivered: 2, size: 9 }), 'm1')).toEqual({
      type: 'transfer-status',
      re: 'm1',
      transfer: 't1',
      state: 'prompted',
      stored: 3,
      delivered: 2,
      size: 9,
    });
  });

  test('has no field for what is not', () => {
    const status = statusOf(transferRecord());
    expect(status).not.toHaveProperty('re');
    expect(status).not.toHaveProperty('size');
  });
});

describe('the last word', () => {
  test('of a transfer that never began', () => {
    expect(completeOf(transferRecord({ ingest: 'expired', reason: 'prompt-expired' }))).toEqual({
      type: 'transfer-complete',
      transfer: 't1',
      state: 'expired',
      reason: 'prompt-expired',
      stored: 0,
      delivered: 0,
      loss: { expected: 0, lost: 0, repaired: 0, gaps: 0 },
    });
  });

  test('says the digest of the data, and what was lost', () => {
    const reception = { ...CLEAN, expected: 12, lost: 2, gaps: 1 };
    const object = {
      key: 'k',
      contentType: 'audio/wav',
      size: 99,
      sha256: 'aa',
      dataSha256: 'bb',
      dataBytes: 90,
      whole: true,
    };
    const last = completeOf(transferRecord({ ingest: 'partial', reception, object }));
    expect(last.digest).toBe('sha-256=bb');
    expect(last.loss).toEqual({ expected: 12, lost: 2, repaired: 0, gaps: 1 });
  });
});
