import { describe, expect, test } from '@jest/globals';
import { wallclock, type Wallclock } from '../../src/base/units.ts';
import { DEAD_MAIL_MAX, type ClaimedMail } from '../../src/state/outbox.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import type { Mail } from '../../src/transfers/mail.ts';
import type { FixedClock } from '../support/fixed-clock.ts';
import { transferRecord } from '../support/transfer-records.ts';

const LEASE_MS = 30_000;
/** An entry whose mail was never written is forgotten behind it. */
const FORGOTTEN_MS = 120_000;
const RACERS = 50;

/** What every adapter of `Outbox` must do. Each test leaves it empty. */
export function outboxContract(opened: () => { store: StateStore; clock: FixedClock }): void {
  const store = (): StateStore => opened().store;
  const now = (ms = 0): Wallclock => wallclock(opened().clock.ms + ms);
  const mail = (id: string): Mail => ({ id, body: `{"a":"${id} ä"}`, writtenAt: now() });
  const claim = (max = 10): Promise<readonly ClaimedMail[]> =>
    store().claimMail(now(), now(LEASE_MS), max);
  const put = (id: string, version: number, mailId = `${id}.${version}`): Promise<boolean> =>
    store().putTransfer(transferRecord({ id, version, account: 'mailer' }), mail(mailId));
  const ids = (claimed: readonly ClaimedMail[]): readonly string[] =>
    claimed.map((one) => one.mail.id);
  /** @throws when not exactly one is due. */
  const one = async (): Promise<ClaimedMail> => {
    const [first, ...others] = await claim();
    if (first === undefined || others.length > 0) throw new Error('one should be due');
    return first;
  };

  /** The last mail of its transfer is settled; what waited for it is forgotten in time. */
  const expectNothingLeft = async (last: ClaimedMail): Promise<void> => {
    await store().settleMail(last, now());
    opened().clock.ms += FORGOTTEN_MS;
    expect(await claim()).toEqual([]);
    expect(await store().mailWaiting()).toBe(0);
  };

  describe('outbox', () => {
    test('mail is written with the record, or not at all', async () => {
      expect(await put('ob-cas', 2, 'no')).toBe(false);
      expect(await claim()).toEqual([]);
      expect(await put('ob-cas', 1)).toBe(true);
      expect(await put('ob-cas', 1, 'again')).toBe(false);
      const claimed = await one();
      expect(claimed).toMatchObject({ transfer: 'ob-cas', attempt: 1, mail: mail('ob-cas.1') });
      await expectNothingLeft(claimed);
    });

    test('of one transfer in order, the next when the one before is settled', async () => {
      await put('ob-order', 1);
      await put('ob-order', 2);
      await put('ob-order', 3);
      expect(await store().mailWaiting()).toBe(1);
      for (const version of [1, 2, 3]) {
        const claimed = await one();
        expect(claimed.mail.id).toBe(`ob-order.${version}`);
        expect(claimed.attempt).toBe(1);
        expect(await claim()).toEqual([]);
        await store().settleMail(claimed, now());
        await store().settleMail(claimed, now());
      }
      expect(await store().mailWaiting()).toBe(0);
    });

    test('who claimed and said nothing has died: due again at the end of the lease', async () => {
      await put('ob-lease', 1);
      const dead = await one();
      opened().clock.ms += LEASE_MS - 1;
      expect(await claim()).toEqual([]);
      opened().clock.ms += 1;
      const again = await one();
      expect(again).toMatchObject({ mail: dead.mail, attempt: 2 });
      await store().postponeMail(dead, now());
      expect(await claim()).toEqual([]);
      await store().settleMail(dead, now());
      await store().settleMail(again, now());
      opened().clock.ms += LEASE_MS;
      expect(await claim()).toEqual([]);
    });

    test('postponed: due then, and not before; mail behind it waits too', async () => {
      await put('ob-later', 1);
      await store().postponeMail(await one(), now(5_000));
      await put('ob-later', 2);
      opened().clock.ms += 4_999;
      expect(await claim()).toEqual([]);
      opened().clock.ms += 1;
      const claimed = await one();
      expect(claimed).toMatchObject({ mail: { id: 'ob-later.1' }, attempt: 2 });
      await store().settleMail(claimed, now());
      await store().settleMail(await one(), now());
    });

    test('no more than asked for, the longest due first', async () => {
      for (const at of [1, 2, 3]) {
        await put(`ob-max-${at}`, 1);
        opened().clock.ms += 1;
      }
      const first = await claim(2);
      expect(ids(first)).toEqual(['ob-max-1.1', 'ob-max-2.1']);
      const rest = await claim(2);
      expect(ids(rest)).toEqual(['ob-max-3.1']);
      for (const claimed of [...first, ...rest]) await store().settleMail(claimed, now());
    });

    test('given up: it is kept, the next of its transfer is due, and it can be sent after all', async () => {
      await put('ob-dead', 1);
      await put('ob-dead', 2);
      await store().buryMail(await one(), 'status 410', now());
      const dead = { transfer: 'ob-dead', mail: mail('ob-dead.1'), at: now(), cause: 'status 410' };
      expect(await store().deadMail()).toEqual([dead]);
      expect(await store().deadMailCount()).toBe(1);
      opened().clock.ms += 1;
      expect(await store().reviveMail('ob-dead.1', now())).toBe(true);
      expect(await store().reviveMail('ob-dead.1', now())).toBe(false);
      expect(await store().deadMailCount()).toBe(0);
      const next = await one();
      expect(next.mail.id).toBe('ob-dead.2');
      await store().settleMail(next, now());
      const again = await one();
      expect(again).toMatchObject({ mail: { ...mail('ob-dead.1'), writtenAt: now() }, attempt: 1 });
      await expectNothingLeft(again);
    });

    test('revived when nothing else waits of its transfer', async () => {
      await put('ob-alone', 1);
      await store().buryMail(await one(), 'ECONNREFUSED', now());
      expect(await store().mailWaiting()).toBe(0);
      await store().reviveMail('ob-alone.1', now());
      expect(await store().mailWaiting()).toBe(1);
      const again = await one();
      expect(again.mail.id).toBe('ob-alone.1');
      await store().settleMail(again, now());
    });

    test('what is given up can be deleted; what is not there can not', async () => {
      await put('ob-drop', 1);
      await store().buryMail(await one(), 'status 410', now());
      expect(await store().dropDeadMail('ob-drop.1')).toBe(true);
      expect(await store().dropDeadMail('ob-drop.1')).toBe(false);
      expect(await store().reviveMail('ob-drop.1', now())).toBe(false);
      expect(await store().deadMail()).toEqual([]);
    });

    test(`${DEAD_MAIL_MAX} are kept; with one more the oldest goes`, async () => {
      await put('ob-many', 1);
      const claimed = await one();
      for (let at = 0; at <= DEAD_MAIL_MAX; at++) {
        if (at === DEAD_MAIL_MAX) expect(await store().deadMailCount()).toBe(DEAD_MAIL_MAX);
        const dead = { ...claimed, mail: mail(`ob-many.dead-${at}`) };
        await store().buryMail(dead, 'status 410', now(at));
      }
      const kept = (await store().deadMail()).map((dead) => dead.mail.id);
      expect(kept).toHaveLength(DEAD_MAIL_MAX);
      expect([kept[0], kept.at(-1)]).toEqual([`ob-many.dead-${DEAD_MAIL_MAX}`, 'ob-many.dead-1']);
      for (const id of kept) await store().dropDeadMail(id);
      await store().settleMail(claimed, now());
    });

    test('mail outlives its record', async () => {
      await put('ob-gone', 1);
      await store().removeTransfer('ob-gone');
      const claimed = await one();
      expect(claimed.mail.id).toBe('ob-gone.1');
      await store().settleMail(claimed, now());
    });

    test('of many who claim at once, one gets it', async () => {
      await put('ob-race', 1);
      const all = await Promise.all(Array.from({ length: RACERS }, () => claim()));
      const got = all.flat();
      expect(ids(got)).toEqual(['ob-race.1']);
      for (const claimed of got) await store().settleMail(claimed, now());
    });

    test('mail that is written while others claim and settle is not lost', async () => {
      const seen: string[] = [];
      const take = async (): Promise<void> => {
        for (const claimed of await claim()) {
          seen.push(claimed.mail.id);
          await store().settleMail(claimed, now());
        }
      };
      for (let version = 1; version <= RACERS; version++)
        await Promise.all([take(), put('ob-busy', version), take(), take()]);
      for (let round = 0; seen.length < RACERS && round < RACERS; round++) await take();
      expect(seen).toEqual(Array.from({ length: RACERS }, (_, at) => `ob-busy.${at + 1}`));
      expect(await store().mailWaiting()).toBe(0);
    });
  });
}
