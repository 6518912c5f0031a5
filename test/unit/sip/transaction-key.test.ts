import { describe, expect, test } from '@jest/globals';
import { readEnvelope, type Envelope } from '../../../src/sip/envelope.ts';
import { parseMessage } from '../../../src/sip/message-parser.ts';
import { serverKey } from '../../../src/sip/transaction-key.ts';
import { request } from '../../support/core-messages.ts';

function envelopeOf(text: string): Envelope {
  const message = parseMessage(Buffer.from(text), 'honoured');
  const envelope = message.ok ? readEnvelope(message.value) : message;
  if (!envelope.ok) throw new Error(envelope.code);
  return envelope.value;
}
const keyOf = (text: string, method: string): string => serverKey(envelopeOf(text), method);

describe('a request belongs to the transaction', () => {
  const branch = 'z9hG4bKsame';

  test('with its branch, whatever else it says', () => {
    const one = keyOf(request('INVITE', { branch }), 'INVITE');
    expect(keyOf(request('INVITE', { branch, callId: 'other' }), 'INVITE')).toBe(one);
    expect(keyOf(request('INVITE', { branch: 'z9hG4bKother' }), 'INVITE')).not.toBe(one);
  });

  test('of its own method; an ACK to that of its INVITE', () => {
    const invite = keyOf(request('INVITE', { branch }), 'INVITE');
    expect(keyOf(request('ACK', { branch }), 'ACK')).toBe(invite);
    expect(keyOf(request('CANCEL', { branch }), 'CANCEL')).not.toBe(invite);
    expect(keyOf(request('CANCEL', { branch }), 'INVITE')).toBe(invite);
  });

  test('from the same sender: two phones may choose the same branch', () => {
    const one = request('INVITE', { branch });
    expect(keyOf(one.replace('192.0.2.7:5062;', '192.0.2.8:5062;'), 'INVITE')).not.toBe(
      keyOf(one, 'INVITE'),
    );
  });

  test('of an RFC 2543 client by Call-ID, CSeq, From tag and Via', () => {
    const old = { branch: '1' };
    const one = keyOf(request('INVITE', old), 'INVITE');
    expect(keyOf(request('ACK', { ...old, toTag: 'ours' }), 'ACK')).toBe(one);
    expect(keyOf(request('INVITE', { ...old, callId: 'other' }), 'INVITE')).not.toBe(one);
    expect(keyOf(request('INVITE', { ...old, sequence: 2 }), 'INVITE')).not.toBe(one);
    expect(keyOf(request('INVITE', { ...old, fromTag: 'other' }), 'INVITE')).not.toBe(one);
    expect(keyOf(request('INVITE', { branch: '2' }), 'INVITE')).not.toBe(one);
  });
});
