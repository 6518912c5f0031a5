import { expect, test } from '@jest/globals';
import { Slots } from '../../../src/http/slots.ts';

const taken = (slots: Slots, owner: string): boolean => {
  try {
    slots.take(owner);
    return true;
  } catch {
    return false;
  }
};

test('so many for one owner, so many in all; refusals are counted', () => {
  const slots = new Slots({ owner: 2, total: 3 });
  expect(['a', 'a', 'a', 'b', 'c'].map((owner) => taken(slots, owner))).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
  expect([slots.total, slots.refused]).toEqual([3, 2]);
  expect(() => slots.take('c')).toThrow(expect.objectContaining({ code: 'busy' }));
});

test('what is given back twice is given back once', () => {
  const slots = new Slots({ owner: 1, total: 2 });
  const give = slots.take('a');
  slots.take('b');
  give();
  give();
  expect(slots.total).toBe(1);
  expect([taken(slots, 'a'), taken(slots, 'b')]).toEqual([true, false]);
});
