import { expect, test } from '@jest/globals';
import { Invitations, INVITATIONS_MAX, PEOPLE_MAX } from '../../../src/calls/invitations.ts';
import type { ReceiveOffer, StoragePrompt, TransferComplete } from '../../../src/incall/events.ts';

const prompt = (transfer: string, code = 'ABCD2345'): StoragePrompt => ({
  type: 'storage-prompt',
  transfer,
  address: '',
  port: 0,
  capacity: 0,
  token: `token of ${transfer}`,
  code,
  expires: '',
  transports: [],
  receiver: '',
});
const offer = (transfer: string): ReceiveOffer => ({
  type: 'receive-offer',
  transfer,
  sender: '',
  format: '',
  stored: 0,
  token: '',
  expires: '',
});
const complete = (transfer: string): TransferComplete => ({
  type: 'transfer-complete',
  transfer,
  state: 'complete',
  stored: 0,
  delivered: 0,
  loss: { expected: 0, lost: 0, repaired: 0, gaps: 0 },
});

test('the newest is meant, or the one that is named', () => {
  const told = new Invitations();
  for (const transfer of ['0a', '0b']) told.note('alice', offer(transfer));
  told.note('alice', prompt('0c', 'ABCD0123'));
  told.note('alice', prompt('0d', 'WXYZ0123'));
  expect(told.offer('alice')?.transfer).toBe('0b');
  expect(told.offer('alice', '0a')?.transfer).toBe('0a');
  expect(told.prompt('alice')?.transfer).toBe('0d');
  expect(told.prompt('alice', 'abcd-o123')?.transfer).toBe('0c');
  expect(told.prompt('bob')).toBeUndefined();
  expect(told.offer('alice', '0e')).toBeUndefined();
});

test('what is over is forgotten', () => {
  const told = new Invitations();
  told.note('alice', offer('0a'));
  told.note('alice', complete('0a'));
  told.note('bob', complete('0a'));
  expect(told.offer('alice')).toBeUndefined();
});

test('of a person, so many are kept', () => {
  const told = new Invitations();
  for (let index = 0; index < INVITATIONS_MAX; index++) told.note('alice', offer(`t${index}`));
  expect(told.offer('alice', 't0')).toBeDefined();
  told.note('alice', offer('one more'));
  expect(told.offer('alice', 't0')).toBeUndefined();
  expect(told.offer('alice', 't1')).toBeDefined();
});

test('so many people are remembered', () => {
  const told = new Invitations();
  for (let index = 0; index < PEOPLE_MAX; index++) told.note(`p${index}`, offer('t'));
  expect(told.offer('p0')).toBeDefined();
  told.note('one more', offer('t'));
  expect(told.offer('p0')).toBeUndefined();
  expect(told.offer('p1')).toBeDefined();
});
