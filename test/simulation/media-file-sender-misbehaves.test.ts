import { expect, test } from '@jest/globals';
import { fileTerms, MediaRig, SENDER } from '../support/media-rig.ts';
import { filePacket } from '../support/rtp-packets.ts';

const PIECE = new Uint8Array(1_000).fill(7);
const IDLE_MS = 2_000;

async function storing(size: number): Promise<{ rig: MediaRig; send: (offset: number) => void }> {
  const rig = new MediaRig();
  const { rtp } = await rig.plane.openIngest('t');
  await rig.plane.confirmIngest('t', fileTerms({ size, sizeMax: size, idleMs: IDLE_MS }));
  let sequence = 0;
  const send = (offset: number): void =>
    rig.arrive(rtp, SENDER, filePacket({ sequence: sequence++ }, offset, PIECE, false));
  return { rig, send };
}

test('a file as long as announced is complete; one byte more ends it as `limit`, with what fits kept', async () => {
  const exact = await storing(2_000);
  exact.send(0);
  exact.send(1_000);
  await exact.rig.advance(1_000);
  expect(exact.rig.ofType('ingest-ended')).toMatchObject([{ cause: 'complete', stored: 2_000 }]);

  const longer = await storing(1_999);
  longer.send(0);
  longer.send(1_000);
  await longer.rig.advance(1_000);
  expect(longer.rig.ofType('ingest-ended')).toMatchObject([{ cause: 'limit', stored: 1_000 }]);
});

test('a sender that only repeats what is stored counts as silent', async () => {
  const { rig, send } = await storing(3_000);
  send(0);
  for (let waited = 0; waited <= IDLE_MS; waited += 200) {
    await rig.advance(200);
    send(0);
  }
  await rig.advance(1_000);
  expect(rig.ofType('ingest-ended')).toMatchObject([{ cause: 'idle', stored: 1_000 }]);
});
