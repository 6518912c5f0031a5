import { describe, expect, test } from '@jest/globals';
import { anchorSession, connectionLine } from '../../../src/sdp/anchor.ts';
import type { RtpPorts } from '../../../src/rtp/transport-address.ts';

const PORTS: RtpPorts = { address: '192.0.2.1', rtp: 30_000, rtcp: 30_001 };
const SESSION = ['v=0', 'o=phone 1 1 IN IP4 198.51.100.7', 's=-'];

const text = (...lines: readonly string[]): string => [...SESSION, ...lines, ''].join('\r\n');
/** All lines anchored, with ports that tell them apart. */
const anchored = (...lines: readonly string[]): readonly string[] =>
  anchorSession(text(...lines), (line) => ({
    ...PORTS,
    rtp: PORTS.rtp + 4 * line,
    rtcp: PORTS.rtcp + 4 * line,
  }))
    .trimEnd()
    .split('\r\n')
    .slice(SESSION.length);

describe('an anchored line points to us', () => {
  test('with a session-level address: it gets its own', () => {
    expect(anchored('c=IN IP4 198.51.100.7', 't=0 0', 'm=audio 4000 RTP/AVP 0 8')).toEqual([
      'c=IN IP4 198.51.100.7',
      't=0 0',
      'm=audio 30000 RTP/AVP 0 8',
      'c=IN IP4 192.0.2.1',
      'a=rtcp:30001',
    ]);
  });

  test('with its own address, after its title and before its bandwidth (RFC 8866 §5)', () => {
    expect(
      anchored('t=0 0', 'm=audio 4000 RTP/AVP 0', 'b=AS:64', 'i=voice', 'c=IN IP4 1.2.3.4', 'a=x'),
    ).toEqual([
      't=0 0',
      'm=audio 30000 RTP/AVP 0',
      'i=voice',
      'c=IN IP4 192.0.2.1',
      'b=AS:64',
      'a=x',
      'a=rtcp:30001',
    ]);
  });

  test('in IPv6', () => {
    const ports = { ...PORTS, address: '2001:db8::1' };
    const out = anchorSession(text('m=audio 4000 RTP/AVP 0', 'c=IN IP4 1.2.3.4'), () => ports);
    expect(out).toContain('\r\nc=IN IP6 2001:db8::1\r\n');
    expect(out).not.toContain('1.2.3.4');
    expect(connectionLine('192.0.2.1')).toBe('c=IN IP4 192.0.2.1');
  });

  test('on hold by 0.0.0.0 too: it may resume without a word', () => {
    expect(anchored('t=0 0', 'm=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0')).toContain(
      'c=IN IP4 192.0.2.1',
    );
  });

  test('with the RTCP port of ours in place of its own (RFC 3605)', () => {
    const lines = anchored('m=audio 4000 RTP/AVP 0', 'a=rtcp:4005 IN IP4 1.2.3.4', 'a=ptime:20');
    expect(lines).toEqual([
      'm=audio 30000 RTP/AVP 0',
      'c=IN IP4 192.0.2.1',
      'a=ptime:20',
      'a=rtcp:30001',
    ]);
  });

  test('each of two video lines with ports of its own', () => {
    expect(
      anchored('m=audio 4000 RTP/AVP 0', 'm=video 4002 RTP/AVP 96', 'm=video 4004 RTP/AVP 97'),
    ).toEqual([
      'm=audio 30000 RTP/AVP 0',
      'c=IN IP4 192.0.2.1',
      'a=rtcp:30001',
      'm=video 30004 RTP/AVP 96',
      'c=IN IP4 192.0.2.1',
      'a=rtcp:30005',
      'm=video 30008 RTP/AVP 97',
      'c=IN IP4 192.0.2.1',
      'a=rtcp:30009',
    ]);
  });

  test('without its number of ports, since we have one pair', () => {
    expect(anchored('m=audio 4000/2 RTP/AVP 0')[0]).toBe('m=audio 30000 RTP/AVP 0');
  });

  test('also when its port is written with zeros in front', () => {
    expect(anchored('m=audio 04000 RTP/AVP 0')[0]).toBe('m=audio 30000 RTP/AVP 0');
  });

  test('and a rejected one stays rejected', () => {
    expect(anchored('m=audio 0 RTP/AVP 0')[0]).toBe('m=audio 0 RTP/AVP 0');
  });
});

describe('other ways around us are not offered', () => {
  test('ICE lines go, at both levels (RFC 8839)', () => {
    const lines = anchored(
      'a=ice-lite',
      'a=ice-options:trickle',
      'm=audio 4000 RTP/AVP 0',
      'a=ice-ufrag:x',
      'a=ice-pwd:y',
      'a=candidate:1 1 UDP 1 198.51.100.7 4000 typ host',
      'a=remote-candidates:1 198.51.100.7 4000',
      'a=end-of-candidates',
    );
    expect(lines).toEqual(['m=audio 30000 RTP/AVP 0', 'c=IN IP4 192.0.2.1', 'a=rtcp:30001']);
  });

  test('what only looks alike stays', () => {
    const kept = ['a=rtcp-mux', 'a=rtcp-fb:96 nack', 'a=candidates', 'a=icecream'];
    expect(anchored('m=audio 4000 RTP/AVP 0', ...kept)).toEqual(expect.arrayContaining(kept));
  });
});

describe('what is not anchored is not touched', () => {
  const file = [
    'm=message 2855 TCP/MSRP *',
    'c=IN IP4 1.2.3.4',
    'a=path:msrp://1.2.3.4:2855/x;tcp',
  ];

  test('a line beside an anchored one', () => {
    const lines = anchorSession(
      text('m=audio 4000 RTP/AVP 0', 'c=IN IP4 1.2.3.4', ...file),
      (line) => (line === 0 ? PORTS : undefined),
    );
    expect(lines).toContain(file.join('\r\n'));
    expect(lines).toContain('m=audio 30000 ');
  });

  test('a session without any: not even its ICE', () => {
    const all = text('a=ice-lite', 'm=audio 4000 RTP/AVP 0', 'a=ice-ufrag:x');
    expect(anchorSession(all, () => undefined)).toBe(all);
  });

  test('keys of DTLS-SRTP, at both levels: voice stays encrypted end to end (RFC 5763)', () => {
    const session = ['a=fingerprint:sha-256 AB:CD:EF', 'a=setup:actpass', 't=0 0'];
    const media = ['a=fingerprint:sha-1 01:23', 'a=setup:active', 'a=dtls-id:1', 'a=tls-id:2'];
    const line = 'm=audio 4000 UDP/TLS/RTP/SAVPF 0';
    expect(anchored(...session, line, ...media)).toEqual([
      ...session,
      'm=audio 30000 UDP/TLS/RTP/SAVPF 0',
      'c=IN IP4 192.0.2.1',
      ...media,
      'a=rtcp:30001',
    ]);
  });

  test('every crypto line, in its order, also of suites that we do not speak', () => {
    const kept = [
      'a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:abc|2^20|1:4 UNENCRYPTED_SRTCP KDR=1',
      'a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:def',
    ];
    const lines = anchored('m=audio 4000 RTP/SAVP 0', ...kept);
    expect(lines.filter((line) => line.startsWith('a=crypto'))).toEqual(kept);
  });

  test('keys and extensions that we never heard of', () => {
    const kept = ['a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc', 'a=x-future:1 2 3', 'k=clear:x'];
    expect(anchored('m=audio 4000 RTP/SAVP 0', ...kept)).toEqual(expect.arrayContaining(kept));
  });
});

test.each(['\r\n', '\n', '\r'])(
  'lines that end with %j are the lines that sdp-transform sees',
  (end) => {
    const mixed = ['v=0', 'm=audio 4000 RTP/AVP 0', 'm=video 4002 RTP/AVP 96', ''].join(end);
    expect(anchorSession(mixed, (line) => (line === 1 ? PORTS : undefined))).toBe(
      'v=0\r\nm=audio 4000 RTP/AVP 0\r\nm=video 30000 RTP/AVP 96\r\nc=IN IP4 192.0.2.1\r\na=rtcp:30001\r\n',
    );
  },
);
