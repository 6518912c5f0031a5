import { describe, expect, test } from '@jest/globals';
import { LegSession } from '../../../src/calls/leg-session.ts';
import { mediaSections } from '../../../src/sdp/sections.ts';
import { sdpText } from '../../support/sdp-texts.ts';

const AUDIO = 'm=audio 4000 RTP/AVP 0';
const VIDEO = ['m=video 5000 RTP/AVP 96', 'a=rtpmap:96 VP8/90000'];
const OURS = ['m=video 30000 RTP/AVP 96', 'a=recvonly'];
const heads = (sdp: string): string[] => mediaSections(sdp).map(([line = '']) => line);
const originOf = (sdp: string): string => /^o=.*$/m.exec(sdp)?.[0] ?? '';

/** A phone that has said and been told that it has voice. */
function voiceCall(): LegSession {
  const session = new LegSession();
  session.hear(sdpText(AUDIO));
  session.compose(sdpText(AUDIO), 'offer');
  return session;
}

describe('while no line is ours', () => {
  test('what the phones say passes to the byte', () => {
    const session = new LegSession();
    for (const sdp of [sdpText(AUDIO), sdpText(AUDIO, ...VIDEO), 'hello']) {
      expect(session.hear(sdp)).toBe(sdp);
      expect(session.compose(sdp, 'offer')).toBe(sdp);
    }
  });
});

describe('a line of ours', () => {
  test('is closed for the other phone, which need not even hear of it', () => {
    const sender = voiceCall();
    const passed = sender.hear(sdpText(AUDIO, ...VIDEO), new Set([1]));
    expect(heads(passed)).toEqual([AUDIO, 'm=video 0 RTP/AVP 96']);
    expect(heads(voiceCall().compose(passed, 'offer'))).toEqual([AUDIO]);
  });

  test('answers its phone, whatever the other one said', () => {
    const sender = voiceCall();
    sender.hear(sdpText(AUDIO, ...VIDEO), new Set([1]));
    sender.own(1, { transfer: 't', kind: 'storage', section: OURS });
    expect(heads(sender.compose(sdpText(AUDIO), 'answer'))).toEqual([AUDIO, OURS[0]]);
    expect(heads(sender.compose(sdpText(AUDIO), 'offer'))).toEqual([AUDIO, OURS[0]]);
    sender.disown(1);
    expect(heads(sender.compose(sdpText(AUDIO), 'offer'))).toEqual([AUDIO, 'm=video 0 RTP/AVP 96']);
  });

  test('stays where it is when the other phone adds lines', () => {
    const receiver = voiceCall();
    receiver.agreed(receiver.offerWith(1, OURS), sdpText(AUDIO, ...VIDEO));
    receiver.own(1, { transfer: 't', kind: 'delivery', section: OURS });
    const more = sdpText(AUDIO, ...VIDEO, 'm=video 5002 RTP/AVP 97');
    expect(heads(receiver.compose(more, 'offer'))).toEqual([
      AUDIO,
      OURS[0],
      'm=video 5002 RTP/AVP 97',
    ]);
  });

  test('that was refused is not in force', () => {
    const sender = voiceCall();
    sender.hear(sdpText(AUDIO, ...VIDEO));
    sender.compose(sdpText(AUDIO), 'answer');
    expect(heads(sender.inForce)).toEqual([AUDIO, 'm=video 0 RTP/AVP 96']);
  });
});

describe('an offer of ours', () => {
  test('is the next version, and all that follow are, too', () => {
    const session = voiceCall();
    const offer = session.offerWith(1, OURS);
    expect(originOf(offer)).toBe('o=phone 1 2 IN IP4 198.51.100.7');
    session.offered(offer);
    expect(originOf(session.offerWith(1, OURS))).toContain('o=phone 1 3 ');
    session.agreed(offer, sdpText(AUDIO, ...VIDEO));
    expect(originOf(session.compose(sdpText(AUDIO), 'offer'))).toContain('o=phone 1 3 ');
    expect(originOf(session.compose(sdpText(AUDIO), 'offer'))).toContain('o=phone 1 4 ');
  });

  test('uses a line that nobody uses, or a new one', () => {
    const free = (told: string, said = told): number => {
      const session = new LegSession();
      session.hear(said);
      session.compose(told, 'offer');
      return session.freeLine('video');
    };
    expect(free(sdpText(AUDIO))).toBe(1);
    expect(free(sdpText(AUDIO, ...VIDEO))).toBe(2);
    expect(free(sdpText(AUDIO, ...VIDEO, 'a=inactive'))).toBe(1);
    expect(free(sdpText(AUDIO, 'm=video 0 RTP/AVP 96'))).toBe(1);
    expect(free(sdpText(AUDIO, ...VIDEO), sdpText(AUDIO, 'm=video 0 RTP/AVP 96'))).toBe(1);
  });

  test('that is declined leaves the line closed', () => {
    const session = voiceCall();
    const offer = session.offerWith(1, OURS);
    session.agreed(offer, sdpText(AUDIO, 'm=video 0 RTP/AVP 96'));
    expect(heads(session.compose(sdpText(AUDIO), 'offer'))[1]).toMatch(/^m=video 0 /);
    expect(session.freeLine('video')).toBe(1);
  });
});

test('a refused offer leaves the session as it was', () => {
  const session = voiceCall();
  const before = session.snapshot();
  session.hear(sdpText(AUDIO, ...VIDEO));
  session.restore(before);
  expect(heads(session.inForce)).toEqual([AUDIO]);
});
