import { describe, expect, test } from '@jest/globals';
import { readCryptoLines } from '../../../src/sdp/crypto-line.ts';
import { fileOffer } from '../../support/sdp-texts.ts';
import { srtpKey } from '../../support/srtp.ts';
import { ALICE, BOB, TransferWorld } from '../../support/transfer-world.ts';

const SUITE = 'AES_CM_128_HMAC_SHA1_80';
const inline = Buffer.from(srtpKey(SUITE).keySalt).toString('base64');

/** A file by SRTP. */
const secured = (direction: 'sendonly' | 'recvonly', life = ''): string =>
  fileOffer(direction).replace('RTP/AVPF', 'RTP/SAVPF') +
  `a=crypto:4 ${SUITE} inline:${inline}${life}\r\n`;

const keyIn = (sdp: string): Uint8Array => {
  const line = readCryptoLines(sdp);
  if (!line.ok) throw new Error(line.code);
  expect(line.value).toMatchObject({ tag: '4', suite: SUITE });
  return line.value.keySalt;
};

describe('a storage leg with SRTP (M8)', () => {
  test('theirs is the key in, ours the key out, and each leg has its own', async () => {
    const world = new TransferWorld();
    const transfer = await world.confirmed({ sdp: secured('sendonly') });
    const stored = keyIn(world.parties.last(BOB, 'store-confirmation').sdp);
    const theirs = srtpKey(SUITE).keySalt;
    expect(world.media.ingests.get(transfer)?.terms?.srtp).toEqual({
      incoming: { suite: SUITE, keySalt: theirs },
      outgoing: { suite: SUITE, keySalt: stored },
    });
    await world.progress(transfer, 400);
    const { token } = world.parties.last(ALICE, 'receive-offer');
    const id = world.nextId();
    const sdp = secured('recvonly');
    await world.say({ type: 'receive-request', id, transfer, token, sdp }, ALICE);
    const delivered = keyIn(world.parties.last(ALICE, 'receive-confirmation').sdp ?? '');
    expect(world.media.deliveries.get(transfer)?.terms?.srtp).toEqual({
      incoming: { suite: SUITE, keySalt: theirs },
      outgoing: { suite: SUITE, keySalt: delivered },
    });
    expect(delivered).not.toEqual(stored);
    expect(delivered).not.toEqual(theirs);
  });

  test('one leg may be secured and the other not', async () => {
    const world = new TransferWorld();
    const transfer = await world.delivering({ sdp: secured('sendonly') });
    expect(world.media.deliveries.get(transfer)?.terms).not.toHaveProperty('srtp');
    expect(world.parties.last(ALICE, 'receive-confirmation').sdp).not.toContain('crypto');
  });

  test('keys are neither in the record nor in the spool', async () => {
    const world = new TransferWorld();
    const transfer = await world.confirmed({ sdp: secured('sendonly') });
    const ours = Buffer.from(keyIn(world.parties.last(BOB, 'store-confirmation').sdp)).toString(
      'base64',
    );
    const terms = world.media.ingests.get(transfer)?.terms;
    const kept = JSON.stringify([world.record(transfer), terms?.header]);
    expect(kept).not.toContain(inline);
    expect(kept).not.toContain(ours);
    expect(kept).not.toContain('keySalt');
  });

  test.each([
    ['lifetime', '|2^20', 'the lifetime of the key is too short'],
    ['MKI', '|2^31|1:4', 'master key identifiers are not supported'],
    ['key length', 'AAAA', 'the key has not the length of its suite'],
    ['session parameter', ' UNENCRYPTED_SRTP', 'a session parameter is not supported'],
  ])('a %s that can not be had is refused with the reason', async (_name, life, reason) => {
    const world = new TransferWorld();
    const prompt = await world.prompted();
    await world.say(world.storeRequest(prompt, { sdp: secured('sendonly', life) }), BOB);
    expect(world.parties.last(BOB, 'error')).toMatchObject({
      code: 'transport-not-supported',
      status: 488,
      field: 'sdp',
      text: `no crypto line can be used: ${reason}`,
    });
    // The prompt is still good: with another offer it works.
    await world.say(world.storeRequest(prompt, { sdp: secured('sendonly') }), BOB);
    expect(world.parties.heard(BOB, 'store-confirmation')).toHaveLength(1);
  });
});
