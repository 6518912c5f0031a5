import { describe, expect, test } from '@jest/globals';
import {
  branchOf,
  header,
  keepMd5Challenges,
  methodOf,
  nextHop,
  statusOf,
} from '../../../sip-scripts/signalling/sip-text.ts';

const challenge = [
  'SIP/2.0 401 Unauthorized',
  'v: SIP/2.0/TCP 127.0.0.1;rport=5;branch=z9hG4bK77, SIP/2.0/UDP x;branch=other',
  'CSeq: 3 REGISTER',
  'WWW-Authenticate: Digest realm="d", nonce="n", algorithm=SHA-256, qop="auth"',
  'WWW-Authenticate: Digest realm="d", nonce="n", algorithm=MD5, qop="auth"',
  '',
  'body: not a header',
].join('\r\n');

describe('what a transport sees of a message', () => {
  test('method, status, branch and headers, long or compact', () => {
    expect(methodOf(challenge)).toBe('REGISTER');
    expect(statusOf(challenge)).toBe(401);
    expect(branchOf(challenge)).toBe('z9hG4bK77');
    expect(header(challenge, 'body')).toBeUndefined();
    expect(methodOf('BYE sip:a SIP/2.0\r\n\r\n')).toBe('BYE');
  });

  test('only the challenge that sip.js can answer is left', () => {
    const kept = keepMd5Challenges(challenge);
    expect(kept).not.toContain('SHA-256');
    expect(kept).toContain('algorithm=MD5');
    const plain = challenge.replace('401', '200');
    expect(keepMd5Challenges(plain)).toBe(plain);
  });

  test.each([
    ['INVITE sip:bob@127.0.0.1:5070;transport=tcp SIP/2.0', '127.0.0.1', 5070],
    ['INVITE sip:127.0.0.1 SIP/2.0', '127.0.0.1', 5060],
    ['BYE sip:b@h SIP/2.0\r\nRoute: <sip:192.0.2.1:5080;lr>', '192.0.2.1', 5080],
  ])('the next hop of %s', (head, address, port) => {
    expect(nextHop(`${head}\r\n\r\n`)).toEqual({ address, port });
  });
});
