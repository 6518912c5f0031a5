import {
  acceptPromptAndSendAudio,
  acceptPromptAndSendFile,
  endOfData,
  requestStorage,
  type Sending,
} from '../../sip-scripts/in-call.ts';
import { PHOTO, PIN, SPEECH, type Scene } from './scene.ts';

/** Alice sends a photo into Bob's storage. @param rate bit/s. */
export async function sendPhoto(scene: Scene, callee: string, rate: number): Promise<Sending> {
  const [alice, bob] = [scene.party('alice'), scene.party('bob')];
  await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
  const prompt = await alice.nextOf('storage-prompt');
  return acceptPromptAndSendFile(alice, prompt, { path: PHOTO, format: 'image/jpeg', rate });
}

/** Alice speaks into Bob's storage. Resolves once the transfer is over. @returns its id. */
export async function storeSpeech(scene: Scene, callee: string, seconds: number): Promise<string> {
  const { sending, end } = await beginSpeech(scene, callee, seconds);
  await sending.sentAll;
  await end();
  await scene.party('alice').nextOf('transfer-complete', sending.transfer);
  return sending.transfer;
}

export interface Speaking {
  readonly sending: Sending;
  /** Says that it is over. */
  readonly end: () => Promise<unknown>;
}

export async function beginSpeech(
  scene: Scene,
  callee: string,
  seconds: number,
): Promise<Speaking> {
  const [alice, bob] = [scene.party('alice'), scene.party('bob')];
  await requestStorage(bob, { sender: 'alice', password: PIN }, callee);
  const prompt = await alice.nextOf('storage-prompt');
  const sending = await acceptPromptAndSendAudio(alice, prompt, { path: SPEECH, seconds });
  return { sending, end: () => endOfData(alice, sending, prompt.call) };
}
