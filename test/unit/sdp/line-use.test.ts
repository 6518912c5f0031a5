import { describe, expect, test } from '@jest/globals';
import { isOnHold, lineUse, mainEncoding, openedVideo } from '../../../src/sdp/line-use.ts';
import { sdpText } from '../../support/sdp-texts.ts';

const AUDIO = 'm=audio 4000 RTP/AVP 0';
const VIDEO = 'm=video 5000 RTP/AVP 96';
const video = (...attributes: string[]): string => sdpText(AUDIO, VIDEO, ...attributes);

test.each<[string, string | undefined]>([
  [video(), 'both'],
  [video('a=sendrecv'), 'both'],
  [video('a=sendonly'), 'sends'],
  [video('a=recvonly'), 'receives'],
  [video('a=inactive'), 'idle'],
  [video('c=IN IP4 0.0.0.0'), 'idle'],
  [sdpText(AUDIO, 'm=video 0 RTP/AVP 96'), 'closed'],
  [sdpText(AUDIO, 'm=video 5000 TCP/MSRP *'), 'closed'],
  [sdpText(AUDIO), 'closed'],
  ['hello', undefined],
])('%#: the second line %j', (sdp, use) => {
  expect(lineUse(sdp, 1)).toBe(use);
});

describe('video is switched on', () => {
  test.each<[string, string, number | undefined]>([
    [sdpText(AUDIO), video(), 1],
    ['', video(), 1],
    [video('a=inactive'), video('a=sendrecv'), 1],
    [video('a=recvonly'), video('a=sendonly'), 1],
    [sdpText(AUDIO, 'm=video 0 RTP/AVP 96'), video(), 1],
    [video(), video(), undefined],
    [sdpText(AUDIO), video('a=recvonly'), undefined],
    [sdpText(AUDIO), sdpText(AUDIO), undefined],
    [video(), sdpText(AUDIO, VIDEO, 'm=video 5002 RTP/AVP 97'), 2],
    [sdpText(AUDIO), 'hello', undefined],
  ])('%#', (before, after, index) => {
    expect(openedVideo(before, after)).toBe(index);
  });
});

test('a call is on hold when no voice is sent', () => {
  expect(isOnHold(sdpText(AUDIO, 'a=inactive', VIDEO))).toBe(true);
  expect(isOnHold(sdpText(AUDIO, 'a=recvonly'))).toBe(true);
  expect(isOnHold(sdpText(AUDIO, VIDEO, 'a=inactive'))).toBe(false);
  expect(isOnHold(sdpText(AUDIO, 'a=inactive', AUDIO))).toBe(false);
  expect(isOnHold(sdpText(VIDEO, 'a=inactive'))).toBe(false);
  expect(isOnHold('hello')).toBe(false);
});

test('the main encoding is the first that is no helper of another', () => {
  const maps = ['a=rtpmap:98 rtx/90000', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 H264/90000'];
  expect(mainEncoding(video(...maps), 1)).toBe('VP8');
  expect(mainEncoding(video(), 1)).toBeUndefined();
  expect(mainEncoding('hello', 0)).toBeUndefined();
});
