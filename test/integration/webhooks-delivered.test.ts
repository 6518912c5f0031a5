import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemRandom } from '../../src/net/system-clock.ts';
import { LmdbState } from '../../src/state/lmdb-state.ts';
import { mailWriter } from '../../src/webhooks/event.ts';
import { GIVE_UP_MS } from '../../src/webhooks/schedule.ts';
import { CONCURRENT_MAX, WebhookSender } from '../../src/webhooks/webhook-sender.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import {
  answers,
  chatters,
  garbage,
  hangs,
  HookReceiver,
  takes,
  type Behaviour,
} from '../support/hook-receiver.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { transferRecord } from '../support/transfer-records.ts';
import { until } from '../support/until.ts';

const SECRET = 'secret-of-the-tests';
/** Longer than any pause of the schedule. */
const LATER_MS = 600_000;
const write = mailWriter((number) => number);

const receiver = new HookReceiver();
beforeEach(async () => {
  receiver.received.length = 0;
  receiver.taken.length = 0;
  receiver.behaviour = takes;
  await receiver.start();
});
afterEach(() => receiver.stop());

interface Rig {
  readonly clock: FixedClock;
  readonly log: RecordingLog;
  readonly state: LmdbState;
  readonly sender: WebhookSender;
  /** A transfer that ends, and then is removed. */
  readonly happens: (id: string) => Promise<void>;
  /** So much later that what failed is tried again. */
  readonly later: () => void;
}

async function withSender(
  settings: { readonly requestMs?: number },
  use: (rig: Rig) => Promise<void>,
): Promise<void> {
  await withTempFolder(async (folder) => {
    const clock = new FixedClock();
    const log = new RecordingLog();
    const state = LmdbState.open(folder, clock);
    const ports = { outbox: state, clock, random: systemRandom, log };
    const { url } = receiver;
    const sender = new WebhookSender({ url, secrets: [SECRET], ...settings }, ports);
    const happens = async (id: string): Promise<void> => {
      const changedAt = clock.wallclock();
      const open = transferRecord({ id, ingest: 'settling', changedAt });
      const stored = { ...open, version: 2, ingest: 'complete', delivery: 'left' } as const;
      const deleted = { ...stored, version: 3, deletedAt: changedAt };
      await state.putTransfer(open);
      await state.putTransfer(stored, write(open, stored));
      await state.putTransfer(deleted, write(stored, deleted));
      await state.removeTransfer(id);
    };
    const later = (): void => void (clock.ms += LATER_MS);
    try {
      await use({ clock, log, state, sender, happens, later });
    } finally {
      await sender.close();
      await state.close();
    }
  });
}

const taken = (count: number): Promise<void> => until(async () => receiver.taken.length >= count);

const eventsOf = (transfer: string): readonly string[] =>
  receiver.taken.map(({ event }) => event).filter((event) => event.startsWith(`${transfer}.`));

test('each event arrives once, in order, and its signature can be checked', async () => {
  await withSender({}, async ({ happens, sender, log, clock }) => {
    for (const id of ['a', 'b', 'c']) await happens(id);
    await taken(6);
    for (const id of ['a', 'b', 'c'])
      expect(eventsOf(id)).toEqual([`${id}.stored`, `${id}.deleted`]);
    for (const { body, event, signature } of receiver.taken) {
      expect(JSON.parse(body)).toMatchObject({ event });
      const [, seconds = '', hash] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
      expect(Number(seconds)).toBeLessThanOrEqual(clock.ms / 1_000);
      expect(hash).toBe(createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex'));
    }
    await until(async () => (await sender.counts()).waiting === 0);
    expect(await sender.counts()).toEqual({ sent: 6, failed: 0, dead: 0, waiting: 0, kept: 0 });
    expect(log.events.every(({ level }) => level === 'info')).toBe(true);
  });
});

const MISBEHAVES: readonly (readonly [string, Behaviour])[] = [
  ['fails', answers(500)],
  ['redirects', answers(307, { location: '/elsewhere' })],
  ['sends garbage', garbage],
  ['hangs', hangs],
];

describe('a receiver that', () => {
  test.each(MISBEHAVES)('%s gets the same events again, and in order', async (_name, behaviour) => {
    receiver.behaviour = behaviour;
    await withSender({ requestMs: 200 }, async ({ happens, later, sender, log }) => {
      await happens('a');
      await until(async () => log.named('webhook.failed').length > 0);
      expect(receiver.received.every(({ event }) => event === 'a.stored')).toBe(true);
      expect(await sender.counts()).toMatchObject({ sent: 0, dead: 0, waiting: 1 });
      receiver.behaviour = takes;
      later();
      await taken(2);
      expect(eventsOf('a')).toEqual(['a.stored', 'a.deleted']);
    });
  });

  test('is down is tried again until it is there', async () => {
    await receiver.stop();
    await withSender({}, async ({ happens, later, log }) => {
      await happens('a');
      await until(async () => log.named('webhook.failed').length > 0);
      expect(log.named('webhook.failed')[0]?.facts).toMatchObject({ failure: 'ECONNREFUSED' });
      await receiver.start();
      later();
      await taken(2);
      expect(eventsOf('a')).toEqual(['a.stored', 'a.deleted']);
    });
  });

  test('says yes and goes on talking is cut off, and has taken it', async () => {
    receiver.behaviour = chatters;
    await withSender({}, async ({ happens, sender }) => {
      await happens('a');
      await until(async () => (await sender.counts()).sent === 2);
      expect(receiver.received.map(({ event }) => event)).toEqual(['a.stored', 'a.deleted']);
    });
  });

  test('wants no more of it: given up at once, and said', async () => {
    receiver.behaviour = answers(410);
    await withSender({}, async ({ happens, sender, log }) => {
      await happens('a');
      await until(async () => (await sender.counts()).waiting === 0);
      expect(await sender.counts()).toEqual({ sent: 0, failed: 0, dead: 2, waiting: 0, kept: 2 });
      expect(log.named('webhook.dead')).toHaveLength(2);
    });
  });

  test('is away for a day: what is older is given up', async () => {
    receiver.behaviour = answers(503);
    await withSender({}, async ({ happens, sender, clock }) => {
      await happens('a');
      await until(async () => (await sender.counts()).failed === 1);
      clock.ms += GIVE_UP_MS;
      await until(async () => (await sender.counts()).waiting === 0);
      expect(await sender.counts()).toMatchObject({ sent: 0, failed: 1, dead: 2 });
    });
  });

  test('hangs has so many requests at a time, and no more; closing ends them, and loses none', async () => {
    receiver.behaviour = hangs;
    await withSender({}, async ({ happens, sender, state, clock }) => {
      for (let at = 0; at <= CONCURRENT_MAX; at++) await happens(`t${at}`);
      await until(async () => receiver.received.length === CONCURRENT_MAX);
      await sender.close();
      expect(receiver.received).toHaveLength(CONCURRENT_MAX);
      expect((await sender.counts()).failed).toBe(0);
      const now = clock.wallclock();
      expect(await state.claimMail(now, now, 100)).toHaveLength(CONCURRENT_MAX + 1);
    });
  });
});
