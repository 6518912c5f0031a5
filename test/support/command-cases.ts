import type { Command } from '../../src/incall/commands.ts';

/** One message of docs/in-call-protocol.md §2: what is said, what it means, and what is wrong in each field. */
export interface CommandCase {
  readonly name: string;
  readonly command: Command;
  /** Values that are refused, by field; `required` ones also when they are absent. */
  readonly wrong: Readonly<Record<string, readonly unknown[]>>;
  readonly required: readonly string[];
}

const NOT_TEXT: readonly unknown[] = [1, null, true, '', [], {}];
const ID = { id: [...NOT_TEXT, 'x'.repeat(65)] };
const SECRET = [...NOT_TEXT, 'x'.repeat(129)];
const TRANSFER = { transfer: [...NOT_TEXT, 'x'.repeat(65), 'a b', '../a'] };
const NUMBER = [...NOT_TEXT, 'a b', 'x'.repeat(129), 'sip:host'];
const COUNT = [0, -1, 1.5, '1', null, 2 ** 53];
const NAME = [...NOT_TEXT, 'x'.repeat(256), 'a\nb', 'a\u0000', 'a\u2028b'];
const THRESHOLD = [
  'other',
  null,
  30,
  {},
  [],
  [30],
  { percent: 101 },
  { percent: -1 },
  { percent: '30' },
  { bytes: 1.5 },
  { seconds: -1 },
  { minutes: 1 },
  { percent: 30, bytes: 1 },
];
const SDP = [...NOT_TEXT];

/** One row seeds the parser's tests, the round trip and the fuzzer. */
export const COMMAND_CASES: readonly CommandCase[] = [
  {
    name: 'storage request',
    command: {
      type: 'storage-request',
      id: 'm1',
      sender: '4711',
      password: 'geheim',
      receiver: 'alice',
      maxBytes: 1,
      threshold: { percent: 30 },
      name: 'Straße, 猫.jpg',
    },
    wrong: {
      ...ID,
      sender: NUMBER,
      password: SECRET,
      receiver: NUMBER,
      maxBytes: COUNT,
      threshold: THRESHOLD,
      name: NAME,
    },
    required: ['id', 'sender', 'password'],
  },
  {
    name: 'storage instruction',
    command: {
      type: 'storage-instruction',
      id: 'm1',
      password: 'geheim',
      receiver: 'alice',
      maxBytes: 2 ** 53 - 1,
      threshold: 'adaptive',
    },
    wrong: { ...ID, password: SECRET, receiver: NUMBER, maxBytes: COUNT, threshold: THRESHOLD },
    required: ['id', 'password'],
  },
  {
    name: 'forward prompt',
    command: { type: 'forward-prompt', id: 'm1', transfer: 't-1_A', to: '+4930' },
    wrong: { ...ID, ...TRANSFER, to: NUMBER },
    required: ['id', 'transfer', 'to'],
  },
  {
    name: 'send request',
    command: { type: 'send-request', id: 'm1', transfer: 't1', token: 'ff00' },
    wrong: { ...ID, ...TRANSFER, token: SECRET },
    required: ['id', 'token'],
  },
  {
    name: 'store request',
    command: {
      type: 'store-request',
      id: 'm1',
      transfer: 't1',
      token: 'ff00',
      format: 'video/VP8',
      size: 1,
      name: 'a',
      digest: `sha-256=${'0a'.repeat(32)}`,
      sdp: 'v=0',
    },
    wrong: {
      ...ID,
      ...TRANSFER,
      token: SECRET,
      format: [...NOT_TEXT, 'video', 'video/', '/x', 'a b/c', `a/${'x'.repeat(126)}`],
      size: COUNT,
      name: NAME,
      digest: [
        ...NOT_TEXT,
        'md5=00',
        `sha-256=${'0A'.repeat(32)}`,
        `sha-256=${'0'.repeat(63)}`,
        `sha-256=${'A'.repeat(44)}`,
      ],
      sdp: SDP,
    },
    required: ['id', 'transfer', 'token', 'format', 'sdp'],
  },
  {
    name: 'end of data',
    command: { type: 'end-of-data', id: 'm1', transfer: 't1' },
    wrong: { ...ID, ...TRANSFER },
    required: ['id', 'transfer'],
  },
  {
    name: 'receive request',
    command: {
      type: 'receive-request',
      id: 'm1',
      transfer: 't1',
      password: 'geheim',
      token: 'ff00',
      from: 'live',
      sdp: 'v=0',
    },
    wrong: {
      ...ID,
      ...TRANSFER,
      password: SECRET,
      token: SECRET,
      from: ['end', '', 1, null],
      sdp: SDP,
    },
    required: ['id', 'transfer'],
  },
  {
    name: 'cancel',
    command: { type: 'cancel', id: 'm1', transfer: 't1' },
    wrong: { ...ID, ...TRANSFER },
    required: ['id'],
  },
  {
    name: 'status request',
    command: { type: 'status-request', id: 'm1', transfer: 't1' },
    wrong: { ...ID, ...TRANSFER },
    required: ['id'],
  },
  {
    name: 'list request',
    command: { type: 'list-request', id: 'm1', password: 'geheim' },
    wrong: { ...ID, password: SECRET },
    required: ['id', 'password'],
  },
  {
    name: 'delete request',
    command: { type: 'delete-request', id: 'm1', transfer: 't1', password: 'geheim' },
    wrong: { ...ID, ...TRANSFER, password: SECRET },
    required: ['id', 'transfer', 'password'],
  },
];
