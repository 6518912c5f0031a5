import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from '../support/built-dist.ts';
import { sdp } from '../support/sdp.ts';
import type { SipText } from '../support/sip-text.ts';
import { callBetween, SubscriberPhone, TEXT_PHONE_DOMAIN } from '../support/subscriber-phone.ts';

const START_MS = 60_000;
const TEXT = ['Content-Type: text/plain;charset=UTF-8'];
const PIN = '27481536';
let platform: PlatformProcess;
let alice: SubscriberPhone;
let bob: SubscriberPhone;

beforeEach(async () => {
  platform = await PlatformProcess.start({
    dist: builtDist(),
    env: { MIDCALL_DOMAIN: TEXT_PHONE_DOMAIN },
  });
  const server = { address: platform.sip.host, port: platform.sip.port };
  const open = async (user: string): Promise<SubscriberPhone> => {
    const secrets = ['--password', `${user}-sip`, '--storage-password', PIN];
    await platform.cli(['subscribers', 'add', user, ...secrets, '--space', '10MB']);
    const phone = await SubscriberPhone.open(user, `${user}-sip`, server);
    await phone.register();
    return phone;
  };
  [alice, bob] = [await open('alice'), await open('bob')];
}, START_MS);

afterEach(async () => {
  await Promise.allSettled([alice.sip.close(), bob.sip.close()]);
  await platform.stop();
});

const call = (): ReturnType<typeof callBetween> =>
  callBetween(alice, bob, { offer: sdp(40_000), answer: sdp(40_002), takesInfo: false });

/** The next text of the platform. */
async function told(phone: SubscriberPhone): Promise<string> {
  const message = await phone.sip.request('MESSAGE');
  phone.sip.answer(message, '200 OK');
  expect(message.get('from')).toContain('sip:midcall@');
  return message.body;
}

/** Types a text; the platform takes it, and answers with a text. */
async function types(phone: SubscriberPhone, text: string, to = 'midcall'): Promise<string> {
  const taken = await phone.send('MESSAGE', to, { headers: TEXT, body: text });
  expect(taken.status).toBe(200);
  return told(phone);
}

const code = (prompt: string): string => /\/send (\w+)/.exec(prompt)?.[1] ?? '';

test(
  'in a call, texts ask, prompt and refuse; chat and other INFO are left alone; no INFO of ours',
  async () => {
    const { caller } = await call();

    // To the other party: a command is for us …
    expect(await types(alice, `/store ${PIN}`, 'bob')).toBe(
      'I have asked. You will be told when it comes.',
    );
    const prompt = await told(bob);
    expect(prompt).toMatch(
      /^alice asks you to send a video \(up to 10\.0 MB\): write \/send \w{8},/,
    );
    expect(await types(bob, '/send')).toBe('Good. Now switch your video on.');
    expect(await types(bob, `/send ${code(prompt).toLowerCase()}`)).toBe(
      'Good. Now switch your video on.',
    );
    expect(await types(bob, '/send AAAA-AAAA')).toBe('Sorry: there is no such prompt.');
    expect(await types(alice, '/play')).toMatch(/^Nothing is on offer now/);
    expect(await types(alice, '/status')).toBe('prompted: 0 B stored, 0 B delivered.');
    // … and the sender hears of the end, once.
    expect(await types(alice, '/CANCEL')).toMatch(/^The transfer ended early|^It is over/);
    expect(await told(alice)).toMatch(/^The transfer ended early|^It is over/);
    expect(await told(bob)).toBe('The transfer ended early (cancelled): 0 B stored.');

    // … and what only looks like one is chat.
    const chat = alice.send('MESSAGE', 'bob', { headers: TEXT, body: '/stor 猫 🐈' });
    const arrived = await bob.sip.request('MESSAGE');
    expect(arrived.body).toBe('/stor 猫 🐈');
    bob.sip.answer(arrived, '200 OK');
    expect((await chat).status).toBe(200);

    // Inside the dialog it is the same.
    caller.send('MESSAGE', { headers: TEXT, body: '/help' });
    expect((await alice.sip.response(200, 'MESSAGE')).status).toBe(200);
    expect(await told(alice)).toContain('/store PIN');
    caller.send('MESSAGE', { headers: TEXT, body: 'hello' });
    const inside: SipText = await bob.sip.request('MESSAGE');
    expect(inside.body).toBe('hello');
    bob.sip.answer(inside, '202 Accepted');
    expect((await alice.sip.response(202, 'MESSAGE')).status).toBe(202);
    expect(alice.sip.count('INFO') + bob.sip.count('INFO')).toBe(0);
    expect(platform.stderr).not.toContain(PIN);
  },
  START_MS,
);

test(
  'what is wrong is said, with the way out',
  async () => {
    await call();
    const answers: readonly (readonly [string, RegExp])[] = [
      ['/store 1111', /^Sorry: the PIN is wrong/],
      [`/store ${PIN} from nobody`, /^Sorry: nobody is not in a call/],
      ['/store', /^Please write: \/store PIN/],
      ['/sotre 1234', /Did you mean \/store PIN/],
      ['how does this work?', /\/help tells/],
      ['💾'.repeat(1_000), /\/help tells/],
      [`/store ${'9'.repeat(3_900)}`, /^Please write: \/store PIN/],
      [`/prompt ${PIN}`, /^Your code is \w{8}: tell it to the sender/],
      [`/list ${PIN}`, /^Your storage is empty; 0 B are free/],
      [`/delete 0a1b2c ${PIN}`, /^Sorry: there is no such transfer/],
    ];
    for (const [text, answer] of answers) expect(await types(alice, text)).toMatch(answer);
    const html = { headers: ['Content-Type: text/html'], body: '<b>/help</b>' };
    const refused = await alice.send('MESSAGE', 'midcall', html);
    expect([refused.status, refused.get('accept')]).toEqual([415, 'text/plain']);
    expect(platform.stderr).not.toContain(PIN);
  },
  START_MS,
);

test(
  'receiver-chosen mode: the code passes by word of mouth, or by the platform to a phone in no call',
  async () => {
    const asked = await types(alice, `/prompt ${PIN}`);
    const given = /code is (\w{8})/.exec(asked)?.[1] ?? '';
    expect(await types(alice, `/give ${given} to bob`)).toBe('I have passed it on.');
    expect(code(await told(bob))).toBe(given);
    expect(await types(bob, '/send')).toMatch(/^That needs a call/);
    await call();
    expect(await types(bob, `/send ${given}`)).toBe('Good. Now switch your video on.');
  },
  START_MS,
);

test(
  'who is not proven commands nothing',
  async () => {
    const { text } = bob.sip.outside('MESSAGE', 'midcall', { headers: TEXT, body: '/help' });
    expect((await bob.sip.exchange(text, ({ status }) => status >= 200)).status).toBe(407);
    expect(bob.sip.count('MESSAGE')).toBe(0);
  },
  START_MS,
);
