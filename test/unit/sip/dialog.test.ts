import { describe, expect, test } from '@jest/globals';
import { callId } from '../../../src/base/units.ts';
import { SEQUENCE_MAX } from '../../../src/sip/cseq.ts';
import { Dialog } from '../../../src/sip/dialog.ts';

const dialogAt = (localSequence: number, remoteSequence: number): Dialog =>
  new Dialog({
    id: 'x',
    callId: callId('c'),
    localTag: 'l',
    remoteTag: 'r',
    localParty: '<sip:l>',
    remoteParty: '<sip:r>',
    localSequence,
    remoteSequence,
    routeSet: [],
    ownsCallId: true,
    app: 1,
  });

describe('CSeq numbers of a dialog', () => {
  test('count up to 2^31 - 1 and then there are no more', () => {
    const dialog = dialogAt(SEQUENCE_MAX - 1, 0);
    expect(dialog.nextSequence()).toBe(SEQUENCE_MAX);
    expect(dialog.nextSequence()).toBeUndefined();
    expect(dialog.nextSequence()).toBeUndefined();
  });

  test('of the peer may stay or grow, by as much as it likes', () => {
    const dialog = dialogAt(0, 5);
    expect(dialog.inOrder(4)).toBe(false);
    expect(dialog.inOrder(5)).toBe(true);
    expect(dialog.inOrder(SEQUENCE_MAX)).toBe(true);
    expect(dialog.inOrder(5)).toBe(false);
  });
});
