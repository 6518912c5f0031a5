import { describe, expect, test } from '@jest/globals';
import { Call } from '../../../src/calls/call.ts';
import { Calls } from '../../../src/calls/calls.ts';
import { bindingUri, nextHop } from '../../../src/calls/contact.ts';
import { fakeCall } from '../../support/fake-calls.ts';
import { binding } from '../../support/transfer-records.ts';

describe('who is in which call', () => {
  test('both parties are found once it is answered, and not before', () => {
    const calls = new Calls();
    calls.add(new Call('c0', undefined));
    expect(calls.size).toBe(1);
    expect(calls.find('alice', 'c0')).toBeUndefined();
    const { caller, callee } = fakeCall(calls, 'c1', ['alice', 'bob']);
    expect(calls.find('alice', 'c1')).toBe(caller);
    expect(calls.find('bob', undefined)).toBe(callee);
    expect(calls.legOf(caller.party)).toBe(caller);
  });

  test('of several calls of a number the given one, else the newest', () => {
    const calls = new Calls();
    const first = fakeCall(calls, 'c1', ['alice', 'bob']);
    const second = fakeCall(calls, 'c2', ['carol', 'alice']);
    expect(calls.find('alice', 'c1')).toBe(first.caller);
    expect(calls.find('alice', undefined)).toBe(second.callee);
    expect(calls.find('alice', 'unknown')).toBe(second.callee);
    expect(calls.all().map(({ id }) => id)).toEqual(['c1', 'c2']);
  });

  test('a call with oneself has two legs, and both go with it', () => {
    const calls = new Calls();
    const { call, caller } = fakeCall(calls, 'c1', ['alice', 'alice']);
    expect(calls.find('alice', 'c1')).toBe(caller);
    calls.remove(call);
    expect(calls.find('alice', undefined)).toBeUndefined();
  });

  test('a call that is over is forgotten, another of the same number is not', () => {
    const calls = new Calls();
    const first = fakeCall(calls, 'c1', ['alice', 'bob']);
    const second = fakeCall(calls, 'c2', ['alice', 'carol']);
    calls.remove(second.call);
    calls.remove(second.call);
    expect(calls.find('alice', undefined)).toBe(first.caller);
    expect(calls.find('carol', undefined)).toBeUndefined();
    expect(calls.legOf(second.caller.party)).toBeUndefined();
    expect(calls.legOf({ number: 'alice' })).toBeUndefined();
    expect(calls.size).toBe(1);
  });
});

test('the end of a call ends both dialogs once', async () => {
  const { call, caller, callee } = fakeCall(new Calls(), 'c1', ['alice', 'bob']);
  callee.dialog.connected = false;
  expect(await call.end()).toBe(true);
  expect(await call.end()).toBe(false);
  expect([caller.dialog.destroyed, callee.dialog.destroyed]).toEqual([1, 0]);
});

describe('a registered phone', () => {
  test('is asked for by its contact, and reached where it came from', () => {
    const known = binding({ contact: 'sip:alice@10.0.0.1:5060;ob' });
    expect(bindingUri(known)).toBe('sip:alice@10.0.0.1:5060;ob');
    expect(nextHop(known)).toBe('sip:192.0.2.1:5060;transport=udp');
  });

  test('in IPv6, in brackets', () => {
    const source = { protocol: 'tcp', address: '2001:db8::1', port: 40_000 };
    expect(nextHop(binding({ source }))).toBe('sip:[2001:db8::1]:40000;transport=tcp');
  });
});
