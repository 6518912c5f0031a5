import { describe, expect, test } from '@jest/globals';
import { Calls } from '../../../src/calls/calls.ts';
import { Invitations } from '../../../src/calls/invitations.ts';
import { COMMANDS_WAITING_MAX, KeyFace } from '../../../src/calls/key-face.ts';
import { Meanings } from '../../../src/calls/meanings.ts';
import type { Question } from '../../../src/calls/questions.ts';
import type { InCallEvent } from '../../../src/incall/events.ts';
import type { KeySaying } from '../../../src/incall/key-reader.ts';
import type { Words } from '../../../src/incall/prompts.ts';
import { fakeCall } from '../../support/fake-calls.ts';
import { OFFER, PROMPT, STATUS } from '../../support/in-call-events.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { ScriptedMediaPlane } from '../../support/scripted-media-plane.ts';
import { sdpText } from '../../support/sdp-texts.ts';

const CODES = { store: '*1', send: '*2', play: '*3', cancel: '*0', list: '*5' };

/** Alice is in a call with Bob; what her keys say becomes questions, which a test answers. */
class Scene {
  readonly media = new ScriptedMediaPlane();
  readonly calls = new Calls();
  readonly invitations = new Invitations();
  readonly asked: Question[] = [];
  /** Spoken, and written. */
  readonly spoken: Words[] = [];
  readonly written: string[] = [];
  answers: (question: Question) => Promise<InCallEvent | undefined> = async () => STATUS;
  readonly fake;
  readonly face: KeyFace;

  constructor({ takesInfo = false } = {}) {
    this.fake = fakeCall(this.calls, 'c1', ['alice', 'bob'], { takesInfo, media: this.media });
    this.face = new KeyFace({
      codes: CODES,
      prompts: {
        audioOf: (words) => {
          this.spoken.push(words);
          return { ulaw: new Uint8Array(), opus: [] };
        },
      },
      questions: {
        ask: async (question) => {
          this.asked.push(question);
          return this.answers(question);
        },
      },
      meanings: new Meanings(this.invitations, this.calls),
      calls: this.calls,
      clock: new FixedClock(),
      say: (_party, text) => this.written.push(text),
      log: new RecordingLog(),
    });
  }

  /** With voice that can be spoken into. */
  static async talking(options = {}): Promise<Scene> {
    const scene = new Scene(options);
    await scene.fake.call.passSdp(sdpText('m=audio 4000 RTP/AVP 0'), 'caller');
    return scene;
  }

  hear(saying: KeySaying, way: 'rtp' | 'info' = 'rtp'): Promise<void> {
    return this.face.hear(saying, this.fake.caller, way);
  }

  say(verb: 'store' | 'send' | 'play' | 'cancel' | 'list', pin?: string): Promise<void> {
    return this.hear({ type: 'said', verb, ...(pin === undefined ? {} : { pin }) });
  }
}

describe('what keys say means', () => {
  test.each<['store' | 'send' | 'play' | 'cancel' | 'list', string | undefined, Question]>([
    ['store', '2748', { type: 'storage-request', sender: 'bob', password: '2748' }],
    ['send', undefined, { type: 'send-request', token: 'ff00' }],
    ['play', undefined, { type: 'receive-request', transfer: '0a1b2c', token: 'ee00' }],
    ['cancel', undefined, { type: 'cancel' }],
    ['list', '2748', { type: 'list-request', password: '2748' }],
  ])('%s', async (verb, pin, question) => {
    const scene = await Scene.talking();
    scene.invitations.note('alice', PROMPT);
    scene.invitations.note('alice', OFFER);
    await scene.say(verb, pin);
    expect(scene.asked).toEqual([question]);
    expect(scene.media.prompts).toHaveLength(1);
    expect(scene.media.calls.at(-1)).toBe('playPrompt c1.0 caller');
  });
});

describe('what is answered', () => {
  test('the code that wants a PIN, and a PIN that does not come', async () => {
    const scene = await Scene.talking();
    await scene.hear({ type: 'pin-wanted', verb: 'store' });
    await scene.hear({ type: 'given-up', verb: 'store' });
    expect(scene.spoken).toEqual([['pin'], ['again']]);
    expect(scene.asked).toEqual([]);
  });

  test('what can not be asked', async () => {
    const scene = await Scene.talking();
    await scene.say('send');
    await scene.say('play');
    expect(scene.spoken).toEqual([['no-prompt'], ['no-offer']]);
  });

  test('nothing in time', async () => {
    const scene = await Scene.talking();
    scene.answers = async () => undefined;
    await scene.say('store', '1');
    expect(scene.spoken).toEqual([['sorry']]);
  });

  test('is written where the voice can not be touched', async () => {
    const scene = new Scene();
    await scene.say('store', '1');
    expect(scene.written).toEqual(['I have asked.']);
    const secured = await Scene.talking();
    secured.media.canPlay = false;
    await secured.hear({ type: 'pin-wanted', verb: 'store' });
    expect(secured.written).toEqual(['Your PIN, and hash.']);
  });
});

describe('what nobody asked for is spoken', () => {
  test('to a phone that may have no screen', async () => {
    const scene = await Scene.talking();
    scene.face.tell(scene.fake.caller.party, PROMPT);
    scene.face.tell(scene.fake.caller.party, STATUS);
    expect(scene.spoken).toEqual([['to-send', 'star', 2]]);
    expect(scene.written).toEqual([]);
  });

  test('not to one that speaks INFO, or is in no call', async () => {
    const scene = await Scene.talking({ takesInfo: true });
    scene.face.tell(scene.fake.caller.party, PROMPT);
    scene.face.tell({ number: 'alice' }, PROMPT);
    expect(scene.spoken).toEqual([]);
  });

  test('not to somebody who types, until keys are pressed again', async () => {
    const scene = await Scene.talking();
    scene.face.noteText(scene.fake.caller.party);
    scene.face.tell(scene.fake.caller.party, PROMPT);
    expect(scene.spoken).toEqual([]);
    await scene.say('cancel');
    scene.face.tell(scene.fake.caller.party, PROMPT);
    expect(scene.spoken).toEqual([['over'], ['to-send', 'star', 2]]);
  });
});

test('a phone that sends its keys both ways means each once', async () => {
  const scene = await Scene.talking();
  await scene.hear({ type: 'said', verb: 'cancel' }, 'info');
  await scene.hear({ type: 'said', verb: 'cancel' }, 'rtp');
  await scene.hear({ type: 'said', verb: 'cancel' }, 'info');
  expect(scene.asked).toHaveLength(2);
});

test(`${COMMANDS_WAITING_MAX} commands wait for their answers, one more is not heard`, async () => {
  const scene = await Scene.talking();
  const waiting: ((event: InCallEvent) => void)[] = [];
  scene.answers = () => new Promise((resolve) => waiting.push(resolve));
  const said = Array.from({ length: COMMANDS_WAITING_MAX + 1 }, () => scene.say('cancel'));
  await said.at(-1);
  expect([scene.asked.length, scene.face.dropped]).toEqual([COMMANDS_WAITING_MAX, 1]);
  for (const answer of waiting) answer(STATUS);
  await Promise.all(said);
  scene.answers = async () => STATUS;
  await scene.say('cancel');
  expect(scene.asked).toHaveLength(COMMANDS_WAITING_MAX + 1);
});
