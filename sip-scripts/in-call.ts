/**
 * The conversations of the in-call protocol (docs/in-call-protocol.md §2) from a party's side: what the demo and the
 * tests play out. Each takes a party and resolves with what came of it, or rejects with an `InCallRefusal`.
 */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { InCallParty, Received } from './in-call-party.ts';
import type { EventLine, Fields } from './phone/lines.ts';
import { fileSha256 } from './streams/file-source.ts';

/** A file or a stream on its way from a party to the platform. */
export interface Sending {
  readonly transfer: string;
  readonly handle: string;
  /** Epoch ms of the first packet. */
  readonly startedAt: number;
  /** Resolves when the last new packet has gone. */
  readonly sentAll: Promise<EventLine>;
}

/** A file or a stream on its way from the platform to a party. */
export interface Receiving {
  readonly transfer: string;
  readonly handle: string;
  readonly offer: Received;
  readonly confirmation: Received;
  /** Resolves at the first packet. */
  readonly started: Promise<EventLine>;
  /** Resolves when all is there: `file-received` or `audio-received`. */
  readonly received: Promise<EventLine>;
}

/** Direct mode: asks the platform to prompt a sender (M3). @returns the id of the message sent. */
export const requestStorage = (
  receiver: InCallParty,
  request: { sender: string; password: string } & Fields,
  call?: string,
): Promise<string> => receiver.send('storage-request', request, call);

/** Receiver-chosen mode: asks the platform for a prompt (M4). */
export const instructStorage = (
  receiver: InCallParty,
  instruction: { password: string } & Fields,
  call?: string,
): Promise<Received> => receiver.ask('storage-instruction', instruction, call);

/** Has the platform pass a prompt on to another party (M4). @returns the id of the message sent. */
export const forwardPrompt = (
  receiver: InCallParty,
  prompt: Received,
  to: string,
  call?: string,
): Promise<string> =>
  receiver.send('forward-prompt', { transfer: prompt.message.transfer, to }, call);

/** Waits for an error that answers a message of this id. */
export const refusalOf = (party: InCallParty, id: string): Promise<Received> =>
  party.next('error', (message) => message.type === 'error' && message.re === id);

/** What a party sends a file with. */
export interface FileOrder {
  readonly path: string;
  readonly format: string;
  /** bit/s; the platform's `maxRate` applies too. */
  readonly rate: number;
  /** More fields of the store request, or others in their place: for tests that do it wrong. */
  readonly fields?: Fields;
  /** Stop silently at this offset. */
  readonly stopAt?: number;
  /** Crypto-suite: sends by SRTP. */
  readonly srtp?: string;
}

/** Answers a prompt with a store request for a file, and streams it once confirmed (M6). */
export async function acceptPromptAndSendFile(
  sender: InCallParty,
  prompt: Received,
  order: FileOrder,
): Promise<Sending> {
  const { path, format, fields = {} } = order;
  const { size } = await stat(path);
  const opened = await openMedia(sender, 'file', 'sendonly', order.srtp);
  const digest = `sha-256=${await fileSha256(path)}`;
  const facts = { format, size, name: basename(path), digest, ...fields };
  const confirmation = await storeRequest(sender, prompt, { ...facts, sdp: opened['sdp'] });
  const maxRate = Number(confirmation.message['maxRate'] ?? order.rate);
  const { have } = confirmation.message;
  const sending = sendingOf(sender, prompt, String(opened['handle']), 'file-sent');
  await sender.phone.command('send-file', {
    handle: opened['handle'],
    answer: confirmation.message['sdp'],
    path,
    rate: Math.min(order.rate, maxRate),
    ...(order.stopAt === undefined ? {} : { stopAt: order.stopAt }),
    ...(have === undefined ? {} : { have }),
  });
  return { ...sending, startedAt: await sending.startedAt };
}

/** What a party sends a stream with: raw PCMU, paced as it was spoken. */
export interface AudioOrder {
  readonly path: string;
  readonly seconds?: number;
  readonly fields?: Fields;
  /** Crypto-suite: sends by SRTP. */
  readonly srtp?: string;
}

/** Answers a prompt with a store request for a live audio stream, and sends it once confirmed. */
export async function acceptPromptAndSendAudio(
  sender: InCallParty,
  prompt: Received,
  order: AudioOrder,
): Promise<Sending> {
  const opened = await openMedia(sender, 'audio', 'sendonly', order.srtp);
  const facts = { format: 'audio/PCMU', name: basename(order.path), ...order.fields };
  const confirmation = await storeRequest(sender, prompt, { ...facts, sdp: opened['sdp'] });
  const sending = sendingOf(sender, prompt, String(opened['handle']), 'audio-sent');
  await sender.phone.command('send-audio', {
    handle: opened['handle'],
    answer: confirmation.message['sdp'],
    path: order.path,
    ...(order.seconds === undefined ? {} : { seconds: order.seconds }),
  });
  return { ...sending, startedAt: await sending.startedAt };
}

/** A media line of a party's phone: a handle and an offer. */
const openMedia = (
  { phone }: InCallParty,
  kind: 'file' | 'audio',
  direction: 'sendonly' | 'recvonly',
  srtp: string | undefined,
): Promise<Fields> =>
  phone.command('open-media', { kind, direction, ...(srtp === undefined ? {} : { srtp }) });

const storeRequest = (sender: InCallParty, prompt: Received, fields: Fields): Promise<Received> => {
  const { transfer, token } = prompt.message;
  return sender.ask('store-request', { transfer, token, ...fields }, prompt.call);
};

function sendingOf(sender: InCallParty, prompt: Received, handle: string, last: string) {
  const mine = (event: EventLine): boolean => event['handle'] === handle;
  const startedAt = sender.phone.waitFor('sending', mine).then((event) => event.at);
  const sentAll = sender.phone.waitFor(last, mine);
  ignoreUntilAwaited(startedAt, sentAll);
  return { transfer: String(prompt.message.transfer), handle, startedAt, sentAll };
}

/** Says that a stream has ended (M9). */
export const endOfData = (sender: InCallParty, sending: Sending, call: string): Promise<string> =>
  sender.send('end-of-data', { transfer: sending.transfer }, call);

/** What a party receives with. */
export interface ReceiveOrder {
  readonly kind: 'file' | 'audio';
  readonly path: string;
  readonly password: string;
  readonly fields?: Fields;
  /** Crypto-suite: receives by SRTP. */
  readonly srtp?: string;
}

/** Answers a receive offer with a receive request, ready for the first byte (M11, M12). */
export async function acceptOfferAndReceive(
  receiver: InCallParty,
  offer: Received,
  order: ReceiveOrder,
): Promise<Receiving> {
  const { kind, path, password, fields } = order;
  const { phone } = receiver;
  const opened = await openMedia(receiver, kind, 'recvonly', order.srtp);
  const { handle, sdp } = opened;
  await phone.command(`receive-${kind}`, { handle, path });
  const mine = (event: EventLine): boolean => event['handle'] === handle;
  const started = phone.waitFor('receiving', mine);
  const received = phone.waitFor(`${kind}-received`, mine);
  ignoreUntilAwaited(started, received);
  const { transfer } = offer.message;
  const request = { transfer, password, sdp, ...fields };
  const confirmation = await receiver.ask('receive-request', request, offer.call);
  await phone.command('connect-media', { handle, answer: confirmation.message['sdp'] });
  return {
    transfer: String(transfer),
    handle: String(handle),
    offer,
    confirmation,
    started,
    received,
  };
}

/** A rejection counts once somebody awaits it; before that it must not end the process. */
function ignoreUntilAwaited(...promises: readonly Promise<unknown>[]): void {
  for (const promise of promises) promise.catch(() => {});
}
