import { describe, expect, test } from '@jest/globals';
import { parseSpoolHeader } from '../../../src/recording/spool-header.ts';
import { PCMU } from '../../support/rtp-spool.ts';

const GOOD = { v: 1, transfer: 't', account: 'alice', kind: 'media', payload: PCMU };

describe('the header of a spool', () => {
  test('has what a recording needs, and the rest as it was', () => {
    const json = { ...GOOD, format: 'audio/PCMU', size: 5, name: 'a', digest: 'd', extra: 1 };
    expect(parseSpoolHeader(json)).toEqual({
      transfer: 't',
      account: 'alice',
      kind: 'media',
      payload: PCMU,
      format: 'audio/PCMU',
      size: 5,
      name: 'a',
      json,
    });
  });

  test('knows the parameters of the format, and telephone events beside it', () => {
    const payload = { ...PCMU, parameters: 'a=1' };
    const events = { ...PCMU, payloadType: 101, encoding: 'telephone-event' };
    expect(parseSpoolHeader({ ...GOOD, payload, events })).toMatchObject({ payload, events });
    expect(parseSpoolHeader({ ...GOOD, events: 'loud' })).not.toHaveProperty('events');
  });

  test.each([
    ['nothing', undefined],
    ['another version', { ...GOOD, v: 2 }],
    ['no transfer', { ...GOOD, transfer: 1 }],
    ['no account', { ...GOOD, account: undefined }],
    ['another kind', { ...GOOD, kind: 'tape' }],
    ['no payload', { ...GOOD, payload: null }],
    ['no clock', { ...GOOD, payload: { ...PCMU, clockRate: 0 } }],
    ['half a channel', { ...GOOD, payload: { ...PCMU, channels: 0.5 } }],
  ])('%s is none', (_, json) => {
    expect(parseSpoolHeader(json)).toBeUndefined();
  });

  test.each([-1, 1.5, '5', 2 ** 60])('a size of %j is not one', (size) => {
    expect(parseSpoolHeader({ ...GOOD, size })).not.toHaveProperty('size');
  });
});
