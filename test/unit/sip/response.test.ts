import { describe, expect, test } from '@jest/globals';
import type { SipRequest } from '../../../src/sip/message.ts';
import { parseMessage } from '../../../src/sip/message-parser.ts';
import { ownResponse } from '../../../src/sip/response.ts';
import { request } from '../../support/core-messages.ts';

function withTo(to: string): SipRequest {
  const text = request('INVITE').replace('<sip:bob@test>', to);
  const parsed = parseMessage(Buffer.from(text), 'honoured');
  if (!parsed.ok || parsed.value.kind !== 'request') throw new Error('not a request');
  return parsed.value;
}

describe('the To of an answer', () => {
  test.each([
    ['<sip:bob@test>', '<sip:bob@test>;tag=ours'],
    ['sip:bob@test', 'sip:bob@test;tag=ours'],
    ['<sip:bob@test>;tag=theirs', '<sip:bob@test>;tag=theirs'],
    ['<sip:bob@test>; TAG = theirs', '<sip:bob@test>; TAG = theirs'],
    ['<sip:bob@test;tag=uri>', '<sip:bob@test;tag=uri>;tag=ours'],
    ['<sip:bob@test>;vantag=1', '<sip:bob@test>;vantag=1;tag=ours'],
  ])('%s', (to, answered) => {
    const { headers } = ownResponse(withTo(to), 487, 'ours');
    expect(headers.find(({ key }) => key === 'to')?.value).toBe(answered);
  });

  test('of a 100 has no tag', () => {
    const { headers } = ownResponse(withTo('<sip:bob@test>'), 100, '');
    expect(headers.find(({ key }) => key === 'to')?.value).toBe('<sip:bob@test>');
  });
});
