import { describe, expect, test } from '@jest/globals';
import { voiceOffer } from '../../support/sdp-texts.ts';
import {
  NOTHING_LEFT,
  ALICE,
  BOB,
  PIN,
  SIZE,
  SPACE,
  TransferWorld,
} from '../../support/transfer-world.ts';

describe('direct mode (M2, M3)', () => {
  test('the sender is prompted with address, port, capacity, token and code', async () => {
    const world = new TransferWorld();
    const prompt = await world.prompted({ maxBytes: 5_000 });
    expect(prompt).toMatchObject({
      address: '192.0.2.1',
      port: 30_000,
      capacity: 5_000,
      receiver: 'alice',
      expires: new Date(world.clock.ms + 120_000).toISOString(),
      transports: ['RTP/AVP', 'RTP/AVPF', 'RTP/SAVP', 'RTP/SAVPF'],
    });
    expect(prompt.token).toMatch(/^[0-9a-f]{32}$/);
    expect(prompt.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(prompt).not.toHaveProperty('re');
    expect(world.store.usedBy('alice')).toBe(5_000);
  });

  test('the receiver is told that it is so, but neither token nor code', async () => {
    const world = new TransferWorld();
    const { transfer } = await world.prompted();
    expect(world.parties.to(ALICE)).toEqual([
      {
        type: 'transfer-status',
        re: 'm1',
        transfer,
        state: 'prompted',
        stored: 0,
        delivered: 0,
      },
    ]);
  });

  test('without maxBytes all free space is reserved, up to the limit of one transfer', async () => {
    expect((await new TransferWorld().prompted()).capacity).toBe(SPACE);
    const limited = new TransferWorld({ settings: { sizeMax: 400 } });
    expect((await limited.prompted()).capacity).toBe(400);
  });

  test('the receiver may name an account that is not its number', async () => {
    const world = new TransferWorld();
    const { transfer } = await world.prompted({ receiver: 'carol' });
    expect(world.record(transfer)).toMatchObject({ account: 'carol', receiver: 'alice' });
    expect(world.store.usedBy('alice')).toBe(0);
  });

  test('an outdated password hash is replaced', async () => {
    const passwords = { verify: async () => ({ match: true, rehash: 'newer' }) };
    const world = new TransferWorld({ passwords });
    await world.prompted();
    expect(world.store.subscribers.get('alice')?.storagePassword).toBe('newer');
  });
});

test('the whole way: prompt, store, threshold, offer, receive, both complete (M1–M12)', async () => {
  const world = new TransferWorld();
  const { media, parties } = world;
  const transfer = await world.confirmed({ name: 'cat.jpg' });
  expect(world.store.usedBy('alice')).toBe(SIZE);
  expect(media.ingests.get(transfer)?.terms).toMatchObject({
    kind: 'file',
    size: SIZE,
    sizeMax: SIZE,
    idleMs: 10_000,
    remote: { rtp: { address: '198.51.100.7', port: 41_000 } },
    header: { transfer, account: 'alice', size: SIZE, name: 'cat.jpg', receiver: 'alice' },
  });
  const confirmation = parties.last(BOB, 'store-confirmation');
  expect(confirmation).toMatchObject({ transfer, maxRate: 8_000_000 });
  expect(confirmation.sdp).toContain('m=application 30000 RTP/AVPF 96\r\n');
  expect(confirmation.sdp).toContain('a=recvonly\r\n');

  await world.progress(transfer, 299);
  expect(parties.heard(ALICE, 'receive-offer')).toEqual([]);
  await world.progress(transfer, 300);
  expect(parties.last(ALICE, 'receive-offer')).toMatchObject({
    transfer,
    sender: 'bob',
    format: 'image/jpeg',
    size: SIZE,
    stored: 300,
    name: 'cat.jpg',
  });
  expect(world.record(transfer).decision).toMatchObject({ stored: 300, size: SIZE });

  world.clock.ms += 250;
  await world.receive(transfer);
  const delivery = parties.last(ALICE, 'receive-confirmation');
  expect(delivery.delay).toBe(250);
  expect(delivery.sdp).toContain('a=sendonly\r\n');
  expect(media.deliveries.get(transfer)?.terms).toMatchObject({
    transfer,
    kind: 'file',
    payloadType: 96,
    from: 'start',
  });

  media.delivered(transfer, 500);
  await world.progress(transfer, SIZE);
  await world.ends(transfer, 'complete');
  expect(parties.last(BOB, 'transfer-complete')).toMatchObject({
    state: 'complete',
    stored: SIZE,
    delivered: 500,
  });
  expect(parties.heard(ALICE, 'transfer-complete')).toEqual([]);
  expect(world.recorder.spools.has(transfer)).toBe(true);

  media.deliveryEnds(transfer, 'complete', SIZE);
  await world.pass(0);
  expect(parties.last(ALICE, 'transfer-complete')).toMatchObject({
    state: 'complete',
    stored: SIZE,
    delivered: SIZE,
  });
  expect(world.record(transfer)).toMatchObject({
    ingest: 'complete',
    delivery: 'delivered',
    capacity: SIZE,
  });
  expect(world.leftovers()).toEqual(NOTHING_LEFT);
  expect(world.store.usedBy('alice')).toBe(SIZE);
  expect(world.log.errors).toEqual([]);
});

test('end-of-data ends a live stream, which is then complete', async () => {
  const world = new TransferWorld();
  const sdp = voiceOffer('sendonly');
  const prompt = await world.prompted({ threshold: { seconds: 5 } });
  const { size: _none, ...live } = world.storeRequest(prompt, { format: 'audio/PCMA', sdp });
  await world.say(live, BOB);
  await world.progress(prompt.transfer, 800, { seconds: 0.1 });
  await world.say({ type: 'end-of-data', id: 'end', transfer: prompt.transfer }, BOB);
  expect(world.parties.last(BOB, 'transfer-complete')).toMatchObject({ state: 'complete' });
  expect(world.parties.heard(ALICE, 'receive-offer')).toHaveLength(1);
});

test('a threshold in seconds counts for a file from its first stored byte', async () => {
  const world = new TransferWorld();
  const prompt = await world.prompted({ threshold: { seconds: 5 } });
  await world.say(world.storeRequest(prompt), BOB);
  await world.progress(prompt.transfer, 100, { seconds: 0 });
  await world.pass(4_999);
  await world.progress(prompt.transfer, 200, { seconds: 0 });
  expect(world.parties.heard(ALICE, 'receive-offer')).toHaveLength(0);
  await world.pass(1);
  await world.progress(prompt.transfer, 300, { seconds: 0 });
  expect(world.parties.heard(ALICE, 'receive-offer')).toHaveLength(1);
});

describe('end-of-data is refused', () => {
  test('from anybody but the sender', async () => {
    const world = new TransferWorld();
    const transfer = await world.confirmed();
    await world.say({ type: 'end-of-data', id: 'x', transfer }, ALICE);
    expect(world.parties.last(ALICE, 'error')).toMatchObject({ re: 'x', code: 'unknown-prompt' });
    expect(world.media.calls).not.toContain(`endIngest ${transfer}`);
  });

  test('before anything was asked to be stored (M6)', async () => {
    const world = new TransferWorld();
    const { transfer } = await world.prompted();
    await world.say({ type: 'end-of-data', id: 'x', transfer }, BOB);
    expect(world.parties.last(BOB, 'error')).toMatchObject({ re: 'x', code: 'not-ready' });
    expect(world.media.calls).not.toContain(`endIngest ${transfer}`);
  });
});

test('a status goes to both at most once a second between changes of state', async () => {
  const world = new TransferWorld();
  const transfer = await world.confirmed();
  await world.progress(transfer, 1);
  const before = world.parties.heard(BOB, 'transfer-status').length;
  for (let step = 0; step < 20; step++) {
    world.clock.ms += 100;
    await world.progress(transfer, 2 + step);
  }
  expect(world.parties.heard(BOB, 'transfer-status')).toHaveLength(before + 2);
  expect(world.parties.heard(ALICE, 'transfer-status').at(-1)).toMatchObject({ stored: 21 });
});

test('the threshold is the request’s, else the subscriber’s, else the platform’s', async () => {
  const world = new TransferWorld({ settings: { threshold: { percent: 10 } } });
  const thresholdOf = async (with_: object = {}) =>
    world.record((await world.prompted({ maxBytes: 10, ...with_ })).transfer).threshold;
  expect(await thresholdOf()).toEqual({ percent: 10 });
  const alice = world.store.subscribers.get('alice');
  if (alice) world.store.subscribers.set('alice', { ...alice, threshold: { percent: 20 } });
  expect(await thresholdOf()).toEqual({ percent: 20 });
  expect(await thresholdOf({ threshold: { percent: 30 } })).toEqual({ percent: 30 });
});

test('an account is not told apart from a wrong password by its errors', async () => {
  const world = new TransferWorld();
  const ask = (receiver: string, password: string) =>
    world.say(
      { type: 'storage-request', id: world.nextId(), sender: 'bob', receiver, password },
      ALICE,
    );
  await ask('nobody', PIN);
  await ask('alice', 'wrong');
  const [unknown, wrong] = world.parties.heard(ALICE, 'error');
  expect({ ...unknown, re: '' }).toEqual({ ...wrong, re: '' });
});
