import { describe, expect, test } from '@jest/globals';
import { MidcallError } from '../../../src/base/errors.ts';
import { answer, receivedError, sentError } from '../../../src/media/messages.ts';
import { MediaRig } from '../../support/media-rig.ts';

describe('messages between the threads', () => {
  test('an error of ours crosses with its code and facts', () => {
    const error = new MidcallError('busy', 'later', { facts: { retryAfter: 3 } });
    expect(receivedError(sentError(error))).toMatchObject({
      code: 'busy',
      message: 'later',
      facts: { retryAfter: 3 },
    });
  });

  test('any other error means that storage is not available', () => {
    expect(sentError(new Error('EIO'))).toMatchObject({ code: 'storage-unavailable' });
  });

  test('a request is answered with what the plane says, and never rejects', async () => {
    const { plane } = new MediaRig();
    const opened = await answer(plane, { type: 'request', id: 7, verb: 'openIngest', args: ['t'] });
    expect(opened).toMatchObject({ type: 'reply', id: 7, ok: true, value: { rtp: 20_000 } });
    const refused = await answer(plane, {
      type: 'request',
      id: 8,
      verb: 'openIngest',
      args: ['t'],
    });
    expect(refused).toMatchObject({ id: 8, ok: false, error: { code: 'prompt-used' } });
  });
});
