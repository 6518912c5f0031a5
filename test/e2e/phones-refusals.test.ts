import { expect, test } from '@jest/globals';
import { PIN, withSoftphones } from '../support/softphones.ts';

const LIMIT_MS = 120_000;

test(
  'unmodified softphones: wrong PIN, no room, a receiver that does not want to see it',
  async () => {
    await withSoftphones({}, async (phones) => {
      const { alice, bob } = phones;
      await phones.call();
      await alice.types('/store 4711');
      await alice.hears(/^Sorry: the PIN is wrong/);
      await alice.types('/sotre 4711 from bob');
      // A slip is chat: it goes to the other one, who is asked nothing.
      await bob.hears(/^\/sotre 4711 from bob$/);
      await phones.asks();
      await alice.types(`/store ${PIN}`);
      await alice.hears(/^Sorry: there is no room, 0 B are free/);

      await phones.agrees();
      await phones.switchVideo(alice, 'inactive');
      await phones.films();
      await alice.types('/play');
      await alice.hears(/^Sorry: your phone did not take the new line/);
      await phones.switchVideo(bob, 'inactive');
      await bob.hears(/^Done: /);
      await phones.hangUp(bob);
      const record = await phones.ended();
      expect(record).toMatchObject({ ingest: 'complete', delivered: 0 });
      expect(await phones.hasHeard('alice', 'bob')).toBe(true);
      // She can look into her storage without a call, and throw it away.
      await alice.types(`/delete ${String(record['id']).slice(0, 6)} ${PIN}`);
      await alice.hears(/is deleted; 10\.0 MB are free/);
    });
  },
  LIMIT_MS,
);

test(
  'unmodified softphones: a storage that is full stops the sender’s video, not the call',
  async () => {
    await withSoftphones({ space: '3kB' }, async (phones) => {
      const { bob } = phones;
      await phones.call();
      await phones.asks();
      await phones.agrees();
      await phones.switchVideo(bob, 'sendrecv');
      // The platform closes the line with a re-INVITE of its own.
      await bob.hears(/^The transfer ended early \(partial\)/);
      await bob.happens('CALL_REMOTE_SDP');
      await phones.hangUp(bob);
      expect(await phones.ended()).toMatchObject({ ingest: 'partial', reason: 'too-large' });
      expect(await phones.hasHeard('alice', 'bob')).toBe(true);
      expect(await phones.hasHeard('bob', 'alice')).toBe(true);
    });
  },
  LIMIT_MS,
);
