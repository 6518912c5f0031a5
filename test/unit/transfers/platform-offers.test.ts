import { describe, expect, test } from '@jest/globals';
import { ALICE, BOB, NOTHING_LEFT, TransferWorld } from '../../support/transfer-world.ts';
import { voiceOffer } from '../../support/sdp-texts.ts';

/** Bob's stream is coming in, and Alice has been offered it. */
async function offered(world: TransferWorld): Promise<{ transfer: string; token: string }> {
  const transfer = await world.confirmed({
    format: 'audio/PCMA',
    size: 100_000,
    sdp: voiceOffer('sendonly'),
  });
  await world.progress(transfer, 50_000);
  return { transfer, token: world.parties.last(ALICE, 'receive-offer').token };
}

const receive = (world: TransferWorld, offer: { transfer: string; token: string }): Promise<void> =>
  world.say({ type: 'receive-request', id: world.nextId(), ...offer }, ALICE);

describe('a receive request without an SDP', () => {
  test('is carried out by an offer of the platform', async () => {
    const world = new TransferWorld();
    const offer = await offered(world);
    world.parties.answers = async () => voiceOffer('recvonly');
    await receive(world, offer);
    const [sdp = ''] = world.parties.lines.offered;
    expect(sdp).toMatch(/^m=audio \d+ RTP\/AVP 8\r$/m);
    expect(sdp).toContain('a=sendonly');
    const confirmation = world.parties.last(ALICE, 'receive-confirmation');
    expect(confirmation).not.toHaveProperty('sdp');
    expect(world.media.deliveries.get(offer.transfer)?.terms).toMatchObject({ payloadType: 8 });
    expect(world.record(offer.transfer).delivery).toBe('delivering');
  });

  test('that the phone declines leaves the offer as it was', async () => {
    const world = new TransferWorld();
    const offer = await offered(world);
    await receive(world, offer);
    expect(world.parties.last(ALICE, 'error').code).toBe('transport-not-supported');
    expect(world.media.deliveries.size).toBe(0);
    world.parties.answers = async () => voiceOffer('recvonly');
    await receive(world, offer);
    expect(world.record(offer.transfer).delivery).toBe('delivering');
  });

  test('answered with what was not offered takes the line out again', async () => {
    const world = new TransferWorld();
    const offer = await offered(world);
    world.parties.answers = async () => voiceOffer('recvonly', 'L8');
    await receive(world, offer);
    expect(world.parties.last(ALICE, 'error').code).toBe('format-not-allowed');
    expect(world.parties.lines.withdrawn).toEqual([offer.transfer]);
    expect(world.media.deliveries.size).toBe(0);
  });

  test('waits for the phone, and nobody else is let in meanwhile; the end of the call ends it', async () => {
    const world = new TransferWorld();
    const offer = await offered(world);
    let answer = (_sdp: string): void => {};
    world.parties.answers = () => new Promise((resolve) => (answer = resolve));
    void receive(world, offer);
    await world.progress(offer.transfer, 60_000);
    await receive(world, offer);
    expect(world.parties.last(ALICE, 'error').code).toBe('not-ready');
    const sdp = voiceOffer('recvonly');
    await world.say({ type: 'receive-request', id: 'other', ...offer, sdp }, ALICE);
    expect(world.parties.last(ALICE, 'error').code).toBe('not-ready');
    await world.transfers.callEnded('c1');
    answer(sdp);
    await world.ends(offer.transfer, 'stopped', 60_000);
    await world.pass(1_000);
    expect(world.parties.lines.withdrawn).toEqual([offer.transfer]);
    expect(world.leftovers()).toEqual(NOTHING_LEFT);
  });
});

test('a receiver that has seen enough ends its delivery, and what comes is stored', async () => {
  const world = new TransferWorld();
  const offer = await offered(world);
  world.parties.answers = async () => voiceOffer('recvonly');
  await receive(world, offer);
  const { transfer } = offer;
  await world.say({ type: 'end-of-data', id: world.nextId(), transfer }, ALICE);
  expect(world.record(transfer)).toMatchObject({ delivery: 'left', ingest: 'storing' });
  await world.say({ type: 'end-of-data', id: world.nextId(), transfer }, BOB);
  expect(world.record(transfer).ingest).toBe('complete');
});
