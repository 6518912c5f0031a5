import { expect, test } from '@jest/globals';
import { mainEncoding } from '../../../src/sdp/line-use.ts';
import { answerStorageOffer, formatNamed, readStorageOffer } from '../../../src/sdp/storage-leg.ts';
import { sdpText } from '../../support/sdp-texts.ts';

const PORTS = { address: '192.0.2.1', rtp: 30_000, rtcp: 30_001 };

/** As browsers write it: repairs in a stream of their own (RFC 4588), redundancy (RFC 2198), parity (RFC 5109). */
const OFFER = [
  'm=video 4000 RTP/AVPF 97 96 98 99',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack',
  'a=rtcp-fb:96 nack pli',
  'a=rtpmap:98 red/90000',
  'a=rtpmap:99 ulpfec/90000',
  'a=ssrc-group:FID 1111 2222',
  'a=ssrc:1111 cname:alice',
  'a=ssrc:2222 cname:alice',
] as const;

/** What is not in the answer is not used (RFC 3264 §6.1): the sender repeats a packet in the stream that it was lost from. */
test('an offer with RTX, RED and FEC is answered with the stream alone, and NACK', () => {
  const text = sdpText(...OFFER);
  const read = readStorageOffer(text, 'send');
  if (!read.ok) throw new Error(read.code);
  expect(mainEncoding(text, 0)).toBe('VP8');
  const format = formatNamed(read.value, 'VP8');
  if (format === undefined) throw new Error('VP8 was offered');
  const terms = { format, ports: PORTS, direction: 'recvonly', sessionId: '1' } as const;
  const answer = answerStorageOffer(read.value, terms);
  expect(answer).toContain('m=video 30000 RTP/AVPF 96\r\n');
  expect(answer).toContain('a=rtcp-fb:96 nack\r\n');
  expect(answer).not.toMatch(/rtx|red|ulpfec|apt=|ssrc/);
});
