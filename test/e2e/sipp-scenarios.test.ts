import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from '../support/built-dist.ts';
import { PIN } from '../support/scene.ts';
import { freePort, sipp, type SippRun } from '../support/sipp.ts';

const START_MS = 60_000;
let platform: PlatformProcess;

/** What SIPp needs to know to be a person. */
const person = (name: string, pin: string = PIN) => ({
  server: { address: platform.sip.host, port: platform.sip.port },
  user: { name, password: `${name}-sip` },
  keys: { pin, domain: String(platform.ready['domain']) },
});

beforeAll(async () => {
  platform = await PlatformProcess.start({ dist: builtDist() });
  for (const user of ['alice', 'bob']) {
    const secrets = ['--password', `${user}-sip`, '--storage-password', PIN];
    await platform.cli(['subscribers', 'add', user, ...secrets]);
  }
}, START_MS);

afterAll(async () => {
  await platform?.stop();
});

/** Bob registers and answers; alice plays a scenario with him. */
async function play(scenario: string, options: { pin?: string; calls?: number } = {}) {
  const { pin, calls = 1 } = options;
  const bob = { ...person('bob'), localPort: await freePort() };
  const registered = await sipp({ ...bob, scenario: 'uac-register' });
  if (registered.code !== 0) throw new Error(`bob did not register: ${registered.output}`);
  const over = new AbortController();
  const answering: Promise<SippRun> = sipp({
    ...bob,
    scenario: 'uas-answer',
    calls,
    signal: over.signal,
  });
  const alice = { ...person('alice', pin), localPort: await freePort() };
  const run = await sipp({ ...alice, scenario, service: 'bob', calls });
  if (run.code !== 0) over.abort();
  return { alice: run, bob: await answering };
}

const GOOD = {
  alice: expect.objectContaining({ code: 0 }),
  bob: expect.objectContaining({ code: 0 }),
};

test(
  'SIPp: a plain call with digest',
  async () => {
    expect(await play('uac-call')).toEqual(GOOD);
  },
  START_MS,
);

test(
  'SIPp: twenty calls at once',
  async () => {
    expect(await play('uac-call', { calls: 20 })).toEqual(GOOD);
  },
  START_MS,
);

test(
  'SIPp: a storage request is taken, and the prompt goes out',
  async () => {
    expect(await play('uac-storage-request')).toEqual(GOOD);
  },
  START_MS,
);

test(
  'SIPp: a storage request with a wrong password is refused by code',
  async () => {
    const played = await play('uac-storage-request-not-authorized', { pin: '0000' });
    expect(played).toEqual(GOOD);
  },
  START_MS,
);

test.each([
  'uac-info-not-json-expect-400',
  'uac-info-missing-field-expect-400',
  'uac-info-wrong-type-expect-415',
])(
  'SIPp: %s, and the call goes on',
  async (scenario) => {
    expect(await play(scenario)).toEqual(GOOD);
  },
  START_MS,
);
