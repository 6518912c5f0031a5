import { describe, expect, test } from '@jest/globals';
import { Checks } from '../../../sip-scripts/demo/checks.ts';
import { readDemoOptions, readThreshold } from '../../../sip-scripts/demo/demo-options.ts';
import { timelineLine } from '../../../sip-scripts/demo/timeline.ts';
import { wavData } from '../../../sip-scripts/demo/wav-data.ts';

describe('the demo’s command line', () => {
  test.each([
    ['30%', { percent: 30 }],
    ['2MB', { bytes: 2_000_000 }],
    ['5s', { seconds: 5 }],
    ['0', { bytes: 0 }],
    ['auto', 'adaptive'],
  ])('--threshold %s', (text, threshold) => {
    expect(readThreshold(text)).toEqual(threshold);
  });

  test.each(['', '-1', '101%', '5 apples', 'MB'])('--threshold %j is refused', (text) => {
    expect(() => readThreshold(text)).toThrow();
  });

  test('modes, defaults and mistakes', () => {
    expect(readDemoOptions([])).toEqual({ mode: 'both', json: false });
    expect(readDemoOptions(['--mode', 'direct', '--json'])).toMatchObject({
      mode: 'direct',
      json: true,
    });
    expect(() => readDemoOptions(['--mode', 'sideways'])).toThrow();
    expect(() => readDemoOptions(['--flie', 'x'])).toThrow();
  });
});

test('a run without checks is not a success, and one failure is enough', () => {
  const checks = new Checks();
  expect(checks.ok).toBe(false);
  checks.same('digest', 'a', 'a');
  expect(checks.ok).toBe(true);
  checks.same('digest', '', '');
  expect(checks.ok).toBe(false);
});

test('the timeline shows what matters and no secret', () => {
  const message = { id: '1', type: 'storage-request', sender: 'alice', password: 'hush' };
  const line = timelineLine({ at: 1_500, user: 'bob', direction: 'sent', message }, 1_000);
  expect(line).toContain('0.500 s');
  expect(line).toContain('storage-request');
  expect(line).toContain('sender alice');
  expect(line).not.toContain('hush');
});

test('the samples of a WAV are its data chunk, whatever comes before', () => {
  const chunk = (name: string, content: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(name, 'latin1');
    head.writeUInt32LE(content.length, 4);
    return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
  };
  const chunks = [chunk('fmt ', Buffer.alloc(17)), chunk('data', Buffer.from('abc'))];
  const wav = Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), ...chunks]);
  expect(Buffer.from(wavData(wav) ?? '').toString()).toBe('abc');
  expect(wavData(Buffer.from('OggS'))).toBeUndefined();
  expect(wavData(wav.subarray(0, 30))).toBeUndefined();
});
