import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LegSession } from '../../src/calls/leg-session.ts';
import { isOnHold, lineUse, mainEncoding, openedVideo } from '../../src/sdp/line-use.ts';
import { mediaSections, onlyLine } from '../../src/sdp/sections.ts';
import { anyText } from '../support/any-text.ts';
import { runs } from '../support/runs.ts';
import { sdpText } from '../support/sdp-texts.ts';

const line = fc
  .tuple(
    fc.constantFrom('audio', 'video', 'application', 'x'),
    fc.constantFrom('0', '5000', '65535', '99999', '-1'),
    fc.constantFrom('RTP/AVP', 'RTP/SAVPF', 'UDP/TLS/RTP/SAVPF', 'TCP/MSRP'),
    fc.constantFrom('sendrecv', 'sendonly', 'recvonly', 'inactive', ''),
  )
  .map(([kind, port, protocol, direction]) => [
    `m=${kind} ${port} ${protocol} 96`,
    'a=rtpmap:96 VP8/90000',
    `a=${direction}`,
  ]);
const description = fc.array(line, { maxLength: 5 }).map((lines) => sdpText(...lines.flat()));
const anything = fc.oneof(description, anyText());

test('whatever the phones say, an answer has the lines of its offer and an offer has never fewer', () => {
  const said = fc.array(fc.tuple(fc.boolean(), description), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(said, fc.nat({ max: 4 }), (exchanges, ownAt) => {
      const session = new LegSession();
      session.own(ownAt, { transfer: 't', kind: 'storage', section: ['m=video 9 RTP/AVP 96'] });
      let known = 0;
      for (const [isOffer, theirs] of exchanges) {
        if (!isOffer) session.hear(theirs);
        const sent = session.compose(theirs, isOffer ? 'offer' : 'answer');
        const count = mediaSections(sent).length;
        if (isOffer) expect(count).toBeGreaterThanOrEqual(Math.max(known, ownAt + 1));
        else if (mediaSections(theirs).length > 0) expect(count).toBe(mediaSections(theirs).length);
        known = count;
      }
    }),
    { numRuns: runs(300) },
  );
});

test('what is no SDP is read without an exception', () => {
  fc.assert(
    fc.property(anything, anything, fc.nat({ max: 5 }), (before, after, index) => {
      const opened = openedVideo(before, after);
      if (opened !== undefined) expect(['sends', 'both']).toContain(lineUse(after, opened));
      expect([true, false]).toContain(isOnHold(after));
      expect(typeof (mainEncoding(after, index) ?? '')).toBe('string');
      expect(mediaSections(onlyLine(after, index)).length).toBeLessThanOrEqual(1);
      const session = new LegSession();
      session.hear(after, new Set([index]));
      session.compose(before, 'answer');
      const offer = session.offerWith(session.freeLine('video'), ['m=video 9 RTP/AVP 96']);
      session.offered(offer);
      expect(session.compose(offer, 'offer')).toContain('m=video 9 ');
    }),
    { numRuns: runs(300) },
  );
});
