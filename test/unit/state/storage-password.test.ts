import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { HashQueue } from '../../../src/state/hash-queue.ts';
import { parsePhcString, writePhcString } from '../../../src/state/phc-string.ts';
import {
  PASSWORD_BYTES_MAX,
  STORAGE_PASSWORD_COST,
  StoragePasswords,
} from '../../../src/state/storage-password.ts';
import { subscriber } from '../../support/transfer-records.ts';

const random = { bytes: (count: number): Uint8Array => randomBytes(count) };
const CHEAP = { ln: 4, r: 1, p: 1 };
const passwords = new StoragePasswords({ random, cost: CHEAP });
const holder = async (password: string, from = passwords) =>
  subscriber({ storagePassword: await from.hash(password) });

describe('a storage password', () => {
  test('matches itself and nothing else', async () => {
    const alice = await holder('1234');
    expect(await passwords.verify(alice, '1234')).toEqual({ match: true });
    expect(await passwords.verify(alice, '12345')).toEqual({ match: false });
    expect(await passwords.verify(alice, '')).toEqual({ match: false });
  });

  test('has a salt of its own each time', async () => {
    expect(await passwords.hash('1234')).not.toBe(await passwords.hash('1234'));
  });

  test('matches however a phone composes its letters', async () => {
    expect(await passwords.verify(await holder('caf\u00e9'), 'cafe\u0301')).toEqual({
      match: true,
    });
  });

  test.each([
    ['an unknown subscriber', undefined],
    ['a damaged hash', subscriber({ storagePassword: 'plain' })],
    ['an absurd hash', subscriber({ storagePassword: '$scrypt$ln=30,r=8,p=1$AAAA$AAAA' })],
  ])('never matches for %s', async (_, who) => {
    expect(await passwords.verify(who, '')).toEqual({ match: false });
  });

  test('has 1,024 bytes and not one more', async () => {
    const longest = 'x'.repeat(PASSWORD_BYTES_MAX);
    const alice = await holder(longest);
    expect(await passwords.verify(alice, longest)).toEqual({ match: true });
    expect(await passwords.verify(alice, `${longest}x`)).toEqual({ match: false });
    await expect(passwords.hash(`${longest}x`)).rejects.toThrow(RangeError);
  });

  test('with outdated parameters comes with a new hash, once', async () => {
    const alice = await holder('1234', new StoragePasswords({ random, cost: { ...CHEAP, ln: 3 } }));
    const { match, rehash = '' } = await passwords.verify(alice, '1234');
    expect(match).toBe(true);
    expect(rehash).toMatch(/^\$scrypt\$ln=4,r=1,p=1\$/);
    expect(await passwords.verify({ ...alice, storagePassword: rehash }, '1234')).toEqual({
      match: true,
    });
    expect(await passwords.verify(alice, 'wrong')).toEqual({ match: false });
  });

  test('by default costs what docs/storage.md says', async () => {
    expect(STORAGE_PASSWORD_COST).toEqual({ ln: 15, r: 8, p: 3 });
    const real = new StoragePasswords({ random });
    const alice = await holder('1234', real);
    expect(alice.storagePassword).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
    expect(await real.verify(alice, '1234')).toEqual({ match: true });
  });

  test('n wait, n + 1 is told to come back', async () => {
    const few = new StoragePasswords({ random, cost: CHEAP, concurrentMax: 1, waitingMax: 2 });
    const answers = await Promise.allSettled(Array.from({ length: 4 }, () => few.hash('x')));
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    expect(answers[3]).toMatchObject({ reason: { code: 'busy', facts: { retryAfter: 1 } } });
    expect(few.refused).toBe(1);
    expect(await few.hash('x')).toMatch(/^\$scrypt/);
  });
});

describe('the queue of hashes', () => {
  test('never runs more than it may, and goes on after a failure', async () => {
    const queue = new HashQueue(2, 100);
    let running = 0;
    let most = 0;
    const work = async (at: number): Promise<number> => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      if (at % 3 === 0) throw new Error('failed');
      return at;
    };
    const done = await Promise.allSettled(
      Array.from({ length: 50 }, (_, at) => queue.run(() => work(at))),
    );
    expect(most).toBe(2);
    expect(done.filter(({ status }) => status === 'rejected')).toHaveLength(17);
    expect(await queue.run(() => work(1))).toBe(1);
  });
});

describe('the PHC string', () => {
  const text = '$scrypt$ln=15,r=8,p=3$c2FsdHNhbHQ$aGFzaA';

  test('is read and written the same', () => {
    const parsed = parsePhcString(text);
    expect(parsed).toMatchObject({ cost: { ln: 15, r: 8, p: 3 } });
    expect(Buffer.from(parsed?.salt ?? []).toString()).toBe('saltsalt');
    if (parsed !== undefined) expect(writePhcString(parsed)).toBe(text);
  });

  test.each([
    '',
    text.replace('scrypt', 'argon2id'),
    text.replace('ln=15', 'ln=0'),
    text.replace('ln=15', 'ln=21'),
    text.replace('r=8', 'r=9'),
    text.replace('p=3', 'p=17'),
    text.replace('$aGFzaA', ''),
    `${text}$x`,
    `x${text}`,
  ])('%j is none', (bad) => {
    expect(parsePhcString(bad)).toBeUndefined();
  });

  test.each(['ln=20', 'ln=1'])('%s is within reason', (ln) => {
    expect(parsePhcString(text.replace('ln=15', ln))).toBeDefined();
  });
});
