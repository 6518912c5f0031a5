import { describe, expect, test } from '@jest/globals';
import { Calls } from '../../../src/calls/calls.ts';
import { Invitations } from '../../../src/calls/invitations.ts';
import { Meanings } from '../../../src/calls/meanings.ts';
import type { Question } from '../../../src/calls/questions.ts';
import { TextFace } from '../../../src/calls/text-face.ts';
import type { InCallEvent } from '../../../src/incall/events.ts';
import { SAYINGS } from '../../../src/incall/texts.ts';
import type { Party } from '../../../src/transfers/ports.ts';
import { OFFER, PROMPT, STATUS } from '../../support/in-call-events.ts';
import { fakeCall } from '../../support/fake-calls.ts';
import { RecordingLog } from '../../support/recording-log.ts';

/** Alice and Bob are in a call; what they type becomes questions, which a test answers. */
class Scene {
  readonly calls = new Calls();
  readonly invitations = new Invitations();
  readonly asked: Question[] = [];
  readonly said: string[] = [];
  answer: InCallEvent | undefined = STATUS;
  readonly alice: Party;
  readonly face: TextFace;

  constructor() {
    this.alice = fakeCall(this.calls, 'c1', ['alice', 'bob'], { takesInfo: false }).caller.party;
    this.face = new TextFace({
      questions: {
        ask: async (question) => {
          this.asked.push(question);
          return this.answer;
        },
      },
      meanings: new Meanings(this.invitations, this.calls),
      say: (_party, text) => this.said.push(text),
      log: new RecordingLog(),
    });
  }

  async types(text: string, from = this.alice): Promise<void> {
    await this.face.handle(text, from);
  }
}

const invited = (): Scene => {
  const scene = new Scene();
  scene.invitations.note('alice', PROMPT);
  scene.invitations.note('alice', OFFER);
  return scene;
};

describe('what is typed means', () => {
  test.each<[string, Question]>([
    ['/store 2748', { type: 'storage-request', sender: 'bob', password: '2748' }],
    [
      '/store 2748 from carol at 0',
      { type: 'storage-request', sender: 'carol', password: '2748', threshold: { bytes: 0 } },
    ],
    ['/prompt 2748', { type: 'storage-instruction', password: '2748' }],
    ['/give abcd-2345 to 4711', { type: 'forward-prompt', transfer: 't1', to: '4711' }],
    ['/send', { type: 'send-request', token: 'ff00' }],
    ['/send WXYZ6789', { type: 'send-request', token: 'WXYZ6789' }],
    ['/play', { type: 'receive-request', transfer: '0a1b2c', token: 'ee00' }],
    [
      '/play 0a1b live',
      { type: 'receive-request', transfer: '0a1b2c', token: 'ee00', from: 'live' },
    ],
    ['/status', { type: 'status-request' }],
    ['/cancel', { type: 'cancel' }],
    ['/cancel 0a1b', { type: 'cancel', transfer: '0a1b' }],
    ['/list 2748', { type: 'list-request', password: '2748' }],
    ['/delete 0a1b 2748', { type: 'delete-request', transfer: '0a1b', password: '2748' }],
  ])('%s', async (text, question) => {
    const scene = invited();
    await scene.types(text);
    expect(scene.asked).toEqual([question]);
    expect(scene.said).toHaveLength(1);
  });
});

describe('what can not be asked is said at once', () => {
  test.each([
    ['/help', SAYINGS.help],
    ['/send', SAYINGS.noPrompt],
    ['/give ABCD2345 to 4711', SAYINGS.noPrompt],
    ['/play', SAYINGS.noOffer],
    ['/store', 'Please write: /store PIN [from NUMBER] [at 30%]'],
    ['/stroe 2748', 'I do not know that. Did you mean /store PIN [from NUMBER] [at 30%]?'],
  ])('%s', async (text, answer) => {
    const scene = new Scene();
    await scene.types(text);
    expect(scene.said).toEqual([answer]);
    expect(scene.asked).toEqual([]);
  });

  test.each(['/store 2748', '/send ABCD2345', '/play'])('outside of a call: %s', async (text) => {
    const scene = invited();
    await scene.types(text, { number: 'alice' });
    expect(scene.said).toEqual([SAYINGS.noCall]);
  });
});

test('an answer becomes a sentence, none becomes one too', async () => {
  const scene = new Scene();
  await scene.types('/store 2748');
  scene.answer = undefined;
  await scene.types('/status');
  expect(scene.said).toEqual(['I have asked. You will be told when it comes.', SAYINGS.noAnswer]);
});
