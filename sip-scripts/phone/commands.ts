import { LINE_KINDS, type Direction, type LineKind } from '../signalling/phone-sdp.ts';
import type { InfoOrder } from './call.ts';
import { ANSWER_MODES } from './calls.ts';
import {
  flag,
  isFields,
  number,
  optionalNumber,
  optionalText,
  text,
  word,
  type Fields,
} from './lines.ts';
import type { MediaHandle } from './media-handle.ts';
import { readAnswerKey, readRemote } from './media-desk.ts';
import {
  startReceivingAudio,
  startReceivingFile,
  startSendingAudio,
  startSendingFile,
  type SendOrder,
} from './media-tasks.ts';
import type { ByteRange } from '../streams/file-progress.ts';
import type { Softphone } from './softphone.ts';

/** Runs a command. @returns what `done` says. @throws Error with the text of `error`. */
export type Command = (phone: Softphone, fields: Fields) => Fields | Promise<Fields>;

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];
const KINDS: readonly LineKind[] = ['file', 'audio'];
const EXPIRES_SECONDS = 600;
/** Without a `rate`: about what a 3G uplink gives. */
const RATE = 1_000_000;

/** The protocol's body and headers (docs/in-call-protocol.md §1), unless a test says otherwise. */
const MIDCALL = {
  contentType: 'application/vnd.midcall+json',
  infoPackage: 'midcall',
  contentDisposition: 'Info-Package',
} as const;

/** All that a phone can be told; sip-scripts/README.md explains each. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  register: async (phone, fields) => {
    const expires = optionalNumber(fields, 'expires') ?? EXPIRES_SECONDS;
    const answer = await phone.registration.register(expires);
    if (answer.status < 300) phone.emit('registered', { expires });
    return { ...answer };
  },
  unregister: async (phone) => ({ ...(await phone.registration.register(0)) }),
  call: async (phone, fields) => {
    const to = text(fields, 'to');
    const call = await phone.calls.place(phone.agent, to, flag(fields, 'recvInfo', true));
    return { call: call.id };
  },
  'answer-mode': (phone, fields) => {
    phone.calls.mode = word(fields, 'mode', ANSWER_MODES);
    return {};
  },
  answer: async (phone, fields) => {
    await callOf(phone, fields).accept();
    return {};
  },
  reject: async (phone, fields) => {
    await callOf(phone, fields).reject(optionalNumber(fields, 'status') ?? 486);
    return {};
  },
  hangup: async (phone, fields) => ({ ...(await callOf(phone, fields).hangUp()) }),
  'cancel-call': async (phone, fields) => {
    await callOf(phone, fields).cancel();
    return {};
  },
  reinvite: async (phone, fields) => {
    const direction = word(fields, 'direction', DIRECTIONS);
    return { ...(await callOf(phone, fields).reinvite(direction)) };
  },
  mute: (phone, fields) => {
    const call = callOf(phone, fields);
    call.mute(flag(fields, 'muted', true));
    return call.facts();
  },
  info: async (phone, fields) => ({ ...(await callOf(phone, fields).info(infoOrder(fields))) }),
  message: async (phone, fields) => {
    const content = text(fields, 'text');
    const contentType = optionalText(fields, 'contentType') ?? 'text/plain;charset=UTF-8';
    const to = phone.agent.target(text(fields, 'to'));
    const body = { contentType, content };
    return { ...(await phone.agent.request({ method: 'MESSAGE', to, body })) };
  },
  options: async (phone, fields) => {
    const named = optionalText(fields, 'to');
    const to = named === undefined ? phone.agent.registrar() : phone.agent.target(named);
    return { ...(await phone.agent.request({ method: 'OPTIONS', to })) };
  },
  'open-media': (phone, fields) =>
    phone.media.open(
      word(fields, 'kind', KINDS),
      word(fields, 'direction', DIRECTIONS),
      optionalText(fields, 'srtp'),
    ),
  'close-media': (phone, fields) => phone.media.close(text(fields, 'handle')),
  'send-file': (phone, fields) => {
    startSendingFile(handleOf(phone, fields, 'file'), sendOrder(fields), phone.emit);
    return {};
  },
  'send-audio': (phone, fields) => {
    startSendingAudio(handleOf(phone, fields, 'audio'), sendOrder(fields), phone.emit);
    return {};
  },
  'stop-sending': (phone, fields) => {
    const handle = phone.media.find(text(fields, 'handle'));
    handle.assign({ facts: () => ({}), stop: () => {} });
    return handle.facts();
  },
  'receive-file': (phone, fields) => {
    const path = text(fields, 'path');
    startReceivingFile(handleOf(phone, fields, 'file'), path, phone.emit);
    return {};
  },
  'receive-audio': (phone, fields) => {
    const path = text(fields, 'path');
    startReceivingAudio(handleOf(phone, fields, 'audio'), path, phone.emit);
    return {};
  },
  'connect-media': (phone, fields) => {
    const remote = readRemote(fields);
    if (remote === undefined) throw new Error('neither answer nor remote names an address');
    phone.media.find(text(fields, 'handle')).connect(remote, readAnswerKey(fields));
    return {};
  },
  stats: (phone) => phone.stats(),
  quit: async (phone) => {
    await phone.quit();
    return {};
  },
};

const callOf = (phone: Softphone, fields: Fields): ReturnType<Softphone['calls']['find']> =>
  phone.calls.find(optionalText(fields, 'call'));

/** The handle a media command names; connects it when the command says where the other side is. */
function handleOf(phone: Softphone, fields: Fields, kind: LineKind): MediaHandle {
  const handle = phone.media.find(text(fields, 'handle'));
  if (handle.kind !== kind) throw new Error(`${handle.id} is not for ${LINE_KINDS[kind].rtpmap}`);
  const remote = readRemote(fields);
  if (remote !== undefined) handle.connect(remote, readAnswerKey(fields));
  return handle;
}

function sendOrder(fields: Fields): SendOrder {
  const remote = readRemote(fields);
  if (remote === undefined) throw new Error('neither answer nor remote names an address');
  const stopAt = optionalNumber(fields, 'stopAt');
  const seconds = optionalNumber(fields, 'seconds');
  return {
    to: remote.rtp,
    path: text(fields, 'path'),
    rate: fields['rate'] === undefined ? RATE : number(fields, 'rate'),
    repeatEnd: flag(fields, 'repeatEnd', true),
    ...(stopAt === undefined ? {} : { stopAt }),
    have: readRanges(fields['have']),
    ...(seconds === undefined ? {} : { seconds }),
  };
}

/** What the other side has, of a store confirmation. @throws Error when it is no list of pairs. */
function readRanges(have: unknown): readonly ByteRange[] {
  if (have === undefined) return [];
  if (!Array.isArray(have) || !have.every(isByteRange)) throw new Error('have: pairs of offsets');
  return have;
}

const isByteRange = (value: unknown): value is ByteRange =>
  Array.isArray(value) && value.length === 2 && value.every((offset) => Number.isInteger(offset));

/** A body that is an object is sent as JSON; a string as it is. A header named with null is left out. */
function infoOrder(fields: Fields): InfoOrder {
  const body = fields['body'];
  const content = isFields(body) ? JSON.stringify(body) : text(fields, 'body');
  const headers = { ...MIDCALL, ...fields };
  const contentType = text(headers, 'contentType');
  return {
    content,
    contentType,
    ...(headers.infoPackage === null ? {} : { infoPackage: text(headers, 'infoPackage') }),
    ...(headers.contentDisposition === null
      ? {}
      : { contentDisposition: text(headers, 'contentDisposition') }),
  };
}
