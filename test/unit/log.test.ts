import { expect, test } from '@jest/globals';
import { maskNumbers } from '../../src/log.ts';

test('numbers of people are masked, ids are not', () => {
  const facts = { caller: '+4930123456', callee: 'bob', call: 'abc123', stored: 17 };
  expect(maskNumbers(facts)).toEqual({ caller: '…56', callee: '…ob', call: 'abc123', stored: 17 });
});

test.each(['number', 'caller', 'callee', 'account', 'sender', 'receiver'])('%s', (name) => {
  expect(JSON.stringify(maskNumbers({ [name]: '+4930123456' }))).not.toContain('30123');
});
