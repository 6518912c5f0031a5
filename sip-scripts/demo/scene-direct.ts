import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  acceptOfferAndReceive,
  acceptPromptAndSendFile,
  requestStorage,
  type Receiving,
  type Sending,
} from '../in-call.ts';
import type { Received } from '../in-call-party.ts';
import { fileSha256 } from '../streams/file-source.ts';
import { formatBytes } from '../../src/base/sizes.ts';
import type { Show } from './show.ts';
import { STORAGE_PASSWORD } from './stage.ts';
import { storedObject } from './stored-object.ts';
import { voiceLost } from './voice-watch.ts';

/** A moderate rate: the file takes about this long, so that there is something to see. */
const SENDING_SECONDS = 5;
/** bit/s: whatever the file, a link that somebody has. */
const RATE_MIN = 256_000;
const RATE_MAX = 20_000_000;
/** IP, UDP, RTP and octet-stream headers on 1,200 bytes. */
const OVERHEAD = 1.05;
/** The offer comes with the first sync past the threshold, and may take this much of the file (percent). */
const OFFER_LATE_PERCENT_MAX = 25;
const DEFAULT_PERCENT = 30;

/** Direct mode (M3): bob asks alice for a file; it is stored, and he has it while she still sends. */
export async function playDirect(show: Show): Promise<void> {
  const { stage, tell, options, ends } = show;
  const path = options.file ?? join(show.media, 'photo.jpg');
  const { size } = await stat(path);
  tell(`bob asks midcall to store what alice has for him (${formatBytes(size)})`);
  const lostBefore = await voiceLost(ends);
  const { threshold } = options;
  const asked = { sender: 'alice', password: STORAGE_PASSWORD };
  await requestStorage(
    stage.party('bob'),
    { ...asked, ...(threshold === undefined ? {} : { threshold }) },
    ends[1].call,
  );
  const prompt = await stage.party('alice').nextOf('storage-prompt');
  const [sending, receiving] = await exchange(show, prompt, path, size);
  await finish(show, sending, receiving);
  const lost = (await voiceLost(ends)) - lostBefore;
  show.checks.add('no voice packet lost while the file flowed', lost === 0, `${lost} lost`);
  await checkFile(show, { sending, receiving, path, size });
}

/** Alice sends, and bob receives from the moment he is offered it. */
async function exchange(
  show: Show,
  prompt: Received,
  path: string,
  size: number,
): Promise<[Sending, Receiving]> {
  const { stage, screen } = show;
  const rate = Math.min(RATE_MAX, Math.max(RATE_MIN, (size * 8 * OVERHEAD) / SENDING_SECONDS));
  const format = show.options.file === undefined ? 'image/jpeg' : 'application/octet-stream';
  screen.progress({ label: 'stored', value: 0, total: size });
  screen.progress({ label: 'delivered', value: 0, total: size });
  const order = { path, format, rate };
  const sending = await acceptPromptAndSendFile(stage.party('alice'), prompt, order);
  show.tell(`alice streams it at ${Math.round(rate / 1_000)} kbit/s`);
  const bob = stage.party('bob');
  const offer = await bob.nextOf('receive-offer', sending.transfer);
  const received = join(stage.folder, 'received-file');
  const receiving = await acceptOfferAndReceive(bob, offer, {
    kind: 'file',
    path: received,
    password: STORAGE_PASSWORD,
  });
  return [sending, receiving];
}

async function finish(show: Show, sending: Sending, receiving: Receiving): Promise<void> {
  const { stage } = show;
  await receiving.started;
  show.tell('bob has the first byte');
  await sending.sentAll;
  show.tell('alice has sent the last one');
  await receiving.received;
  await stage.party('alice').nextOf('transfer-complete', sending.transfer);
  await stage.party('alice').phone.command('stop-sending', { handle: sending.handle });
  const completed = await stage.party('bob').nextOf('transfer-complete', sending.transfer);
  show.figures.stored += Number(completed.message['stored']);
  show.figures.delivered += Number(completed.message['delivered']);
  show.screen.settle();
}

interface Played {
  readonly sending: Sending;
  readonly receiving: Receiving;
  readonly path: string;
  readonly size: number;
}

async function checkFile(show: Show, { sending, receiving, path, size }: Played): Promise<void> {
  const { checks, figures, stage } = show;
  const started = await receiving.started;
  const sentAll = await sending.sentAll;
  const received = await receiving.received;
  figures.firstByteMs = Math.round(started.at - sending.startedAt);
  figures.offerAtPercent = percent(Number(receiving.offer.message['stored']), size);
  checkThreshold(show, figures.offerAtPercent, size);
  const early = Math.round(sentAll.at - started.at);
  if (expectedPercent(show, size) <= 100 - OFFER_LATE_PERCENT_MAX) {
    checks.add(
      'bob receives while alice is still sending',
      early > 0,
      `${early} ms before her last byte`,
    );
  }
  const sha256 = await fileSha256(path);
  checks.same('received file identical to the sent one', sha256, String(received['sha256']));
  const object = await storedObject(stage.platform, sending.transfer);
  checks.same('stored object identical to the sent file', sha256, await fileSha256(object));
}

const percent = (part: number, whole: number): number => Math.round((part * 1_000) / whole) / 10;

/** Where the offer is due, in percent of the file; 100 when it depends on the clock or the network. */
function expectedPercent({ options: { threshold } }: Show, size: number): number {
  if (threshold === undefined) return DEFAULT_PERCENT;
  if (threshold === 'adaptive' || threshold['seconds'] !== undefined) return 100;
  return Number(threshold['percent'] ?? (Number(threshold['bytes']) * 100) / size);
}

function checkThreshold(show: Show, offered: number, size: number): void {
  const expected = expectedPercent(show, size);
  const { threshold } = show.options;
  if (threshold === 'adaptive' || (threshold?.['seconds'] ?? undefined) !== undefined) return;
  const latest = Math.min(100, expected + OFFER_LATE_PERCENT_MAX);
  const ok = offered >= Math.min(expected, 100) && offered <= latest;
  const name = `offered to bob at the threshold (${Math.round(expected)} %)`;
  show.checks.add(name, ok, `${offered} % stored`);
}
