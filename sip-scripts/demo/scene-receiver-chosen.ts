import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  acceptOfferAndReceive,
  acceptPromptAndSendAudio,
  endOfData,
  forwardPrompt,
  instructStorage,
  type Receiving,
  type Sending,
} from '../in-call.ts';
import type { Received } from '../in-call-party.ts';
import type { EventLine } from '../phone/lines.ts';
import { PACKET_MS, PACKET_SAMPLES } from '../streams/speech-sender.ts';
import { callBob } from './scene-call.ts';
import type { Show } from './show.ts';
import { PEOPLE, STORAGE_PASSWORD } from './stage.ts';
import { storedObject } from './stored-object.ts';
import { wavData } from './wav-data.ts';
import { voiceLost } from './voice-watch.ts';

/** How much of her recording carol plays. */
const SECONDS = 8;
/** The stream's RTCP BYE and the `transfer-complete` race each other; this is how long the slower may take. */
const BYE_MS = 2_000;

/** Receiver-chosen mode (M4): bob gets the prompt himself, has it given to carol, and hears what she streams. */
export async function playReceiverChosen(show: Show): Promise<void> {
  const { stage, tell, ends, options } = show;
  const bob = stage.party('bob');
  tell('bob asks for a prompt of his own, to give to whom he likes');
  const { threshold } = options;
  const prompt = await instructStorage(
    bob,
    { password: STORAGE_PASSWORD, ...(threshold === undefined ? {} : { threshold }) },
    ends[1].call,
  );
  tell('carol calls bob, who keeps alice on his other line');
  const [carolEnd] = await callBob(stage, 'carol');
  const lostBefore = await voiceLost(ends);
  await forwardPrompt(bob, prompt, 'carol', ends[1].call);
  const forwarded = await stage.party('carol').nextOf('storage-prompt');
  const [sending, receiving] = await exchange(show, forwarded);
  const received = await finish(show, sending, receiving, forwarded.call);
  const lost = (await voiceLost(ends)) - lostBefore;
  show.checks.add('no voice packet lost while the stream flowed', lost === 0, `${lost} lost`);
  await checkAudio(show, sending, receiving, received);
  await carolEnd.phone.command('hangup', { call: carolEnd.call });
}

const recordingBytes = (SECONDS * 1_000 * PACKET_SAMPLES) / PACKET_MS;

async function exchange(show: Show, prompt: Received): Promise<[Sending, Receiving]> {
  const { stage, screen, tell } = show;
  const bob = stage.party('bob');
  screen.progress({ label: 'stored', value: 0, total: recordingBytes });
  screen.progress({ label: 'delivered', value: 0, total: recordingBytes });
  const path = join(show.media, PEOPLE.carol);
  const order = { path, seconds: SECONDS };
  const sending = await acceptPromptAndSendAudio(stage.party('carol'), prompt, order);
  tell('carol plays her recording, live');
  const offer = await bob.nextOf('receive-offer', sending.transfer);
  const receiving = await acceptOfferAndReceive(bob, offer, {
    kind: 'audio',
    path: join(stage.folder, 'received-audio'),
    password: STORAGE_PASSWORD,
  });
  await receiving.started;
  tell('bob hears it');
  return [sending, receiving];
}

async function finish(
  show: Show,
  sending: Sending,
  receiving: Receiving,
  call: string,
): Promise<EventLine> {
  const { stage, figures } = show;
  await sending.sentAll;
  await endOfData(stage.party('carol'), sending, call);
  const bob = stage.party('bob');
  const completed = await bob.nextOf('transfer-complete', sending.transfer);
  await stage.party('carol').nextOf('transfer-complete', sending.transfer);
  await Promise.race([receiving.received, pause(BYE_MS, undefined, { ref: false })]);
  // Ends the recording if no BYE has.
  await bob.phone.command('close-media', { handle: receiving.handle });
  await stage.party('carol').phone.command('close-media', { handle: sending.handle });
  figures.stored += Number(completed.message['stored']);
  figures.delivered += Number(completed.message['delivered']);
  show.screen.settle();
  return receiving.received;
}

async function checkAudio(
  show: Show,
  sending: Sending,
  receiving: Receiving,
  received: EventLine,
): Promise<void> {
  const { checks, stage } = show;
  const sent = await sending.sentAll;
  const started = await receiving.started;
  const early = Math.round(sent.at - started.at);
  checks.add('bob hears carol while she is still sending', early > 0, `${early} ms before her end`);
  checks.same(
    'received audio has the same samples',
    String(sent['sha256']),
    String(received['sha256']),
  );
  const wav = wavData(await readFile(await storedObject(stage.platform, sending.transfer)));
  const samples = createHash('sha256')
    .update(wav ?? '')
    .digest('hex');
  checks.same('stored WAV has the same samples', String(sent['sha256']), samples);
}
