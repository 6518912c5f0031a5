import type { InCallEvent, ReceiveOffer, StoragePrompt } from '../../src/incall/events.ts';

/** What people are told, one of each. */
export const PROMPT: StoragePrompt = {
  type: 'storage-prompt',
  transfer: 't1',
  address: '192.0.2.1',
  port: 30_000,
  capacity: 1,
  token: 'ff00',
  code: 'ABCD2345',
  expires: '',
  transports: [],
  receiver: 'alice',
};
export const OFFER: ReceiveOffer = {
  type: 'receive-offer',
  transfer: '0a1b2c',
  sender: 'bob',
  format: 'video/VP8',
  stored: 1,
  token: 'ee00',
  expires: '',
};
export const STATUS: InCallEvent = {
  type: 'transfer-status',
  re: 'r',
  transfer: 't1',
  state: 'prompted',
  stored: 0,
  delivered: 0,
};
