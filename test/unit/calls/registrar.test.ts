import { describe, expect, test } from '@jest/globals';
import { Authenticator } from '../../../src/calls/authenticator.ts';
import { Digest, ha1Of } from '../../../src/calls/digest.ts';
import { CONTACTS_MAX, EXPIRES, Registrar } from '../../../src/calls/registrar.ts';
import { FakeResponse, authorization, fakeRequest } from '../../support/fake-sip.ts';
import type { Sent } from '../../support/fake-sip.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryBindings } from '../../support/memory-bindings.ts';
import { subscriber } from '../../support/transfer-records.ts';

const REALM = 'example.com';
const HOME = 'sip:alice@198.51.100.7:5060';

/** A registrar that knows Alice, and her phone. */
class Scene {
  readonly clock = new FixedClock();
  readonly bindings = new MemoryBindings();
  readonly registered: string[] = [];
  readonly #digest = new Digest(REALM, new Uint8Array(32));
  readonly #registrar: Registrar;
  #cseq = 0;

  constructor() {
    const ha1 = { md5: ha1Of('MD5', 'alice', REALM, 'secret'), sha256: '' };
    const alice = subscriber({ id: 'alice', ha1 });
    const authenticator = new Authenticator(
      this.#digest,
      async (id) => (id === 'alice' ? alice : undefined),
      this.clock,
    );
    this.#registrar = new Registrar(authenticator, this.bindings, this.clock, {
      node: 'n1',
      registered: (number) => this.registered.push(number),
    });
  }

  async register(
    headers: Readonly<Record<string, string>>,
    { to = 'sip:alice@example.com', protocol = 'udp' } = {},
  ): Promise<Sent> {
    const response = new FakeResponse();
    const challenge = this.#digest.challenge(this.clock.wallclock(), false);
    const phone = { user: 'alice', password: 'secret', method: 'REGISTER' };
    const CSeq = `${++this.#cseq} REGISTER`;
    const request = fakeRequest('REGISTER', {
      to,
      protocol,
      from: 'sip:alice@example.com',
      headers: { CSeq, Authorization: authorization(challenge, phone), ...headers },
    });
    await this.#registrar.register(request, response);
    return response.answer;
  }

  async contacts(): Promise<readonly string[]> {
    const bindings = await this.bindings.bindings('alice', this.clock.wallclock());
    return bindings.map(({ contact }) => contact);
  }
}

test('who can be reached from now on is said, not who asks or goes', async () => {
  const scene = new Scene();
  await scene.register({});
  expect(scene.registered).toEqual([]);
  await scene.register({ Contact: `<${HOME}>`, Expires: '600' });
  expect(scene.registered).toEqual(['alice']);
  await scene.register({ Contact: '*', Expires: '0' });
  expect(scene.registered).toEqual(['alice']);
});

describe('a phone registers (RFC 3261 §10.3)', () => {
  test('and is told its contact with the seconds left', async () => {
    const scene = new Scene();
    const { status, headers } = await scene.register({ Contact: `<${HOME}>`, Expires: '600' });
    expect({ status, headers }).toEqual({
      status: 200,
      headers: { Contact: `<${HOME}>;expires=600` },
    });
    const [binding] = await scene.bindings.bindings('alice', scene.clock.wallclock());
    expect(binding).toEqual({
      contact: HOME,
      source: { protocol: 'udp', address: '198.51.100.7', port: 5_060 },
      node: 'n1',
      callId: 'r1',
      cseq: 1,
      expiresAt: scene.clock.ms + 600_000,
    });
  });

  test.each([
    ['the contact’s own', { Contact: `<${HOME}>;expires=100`, Expires: '600' }, 100],
    ['the header’s', { Contact: `<${HOME}>`, Expires: '600' }, 600],
    ['ours', { Contact: `<${HOME}>` }, EXPIRES.default],
    ['ours, when it can not be read', { Contact: `<${HOME}>`, Expires: 'soon' }, EXPIRES.default],
    ['our most', { Contact: `<${HOME}>`, Expires: '99999' }, EXPIRES.max],
  ])('for a time: %s', async (_name, headers, seconds) => {
    const scene = new Scene();
    expect((await scene.register(headers)).headers['Contact']).toBe(`<${HOME}>;expires=${seconds}`);
  });

  test('for the least time, but not for a second less', async () => {
    const scene = new Scene();
    const least = await scene.register({ Contact: `<${HOME}>`, Expires: String(EXPIRES.min) });
    expect(least.status).toBe(200);
    const less = await scene.register({ Contact: `<${HOME}>`, Expires: String(EXPIRES.min - 1) });
    expect(less).toMatchObject({ status: 423, headers: { 'Min-Expires': String(EXPIRES.min) } });
  });

  test('several times: all are told, the newest first', async () => {
    const scene = new Scene();
    await scene.register({ Contact: '<sip:a@1.1.1.1>' });
    const second = await scene.register({ Contact: '<sip:b@2.2.2.2>', 'Call-ID': 'r2' });
    expect(second.headers['Contact']).toMatch(/^<sip:b@2.2.2.2>.*, <sip:a@1.1.1.1>/);
  });

  test('without Contact only asks', async () => {
    const scene = new Scene();
    expect((await scene.register({})).headers).toEqual({});
    await scene.register({ Contact: `<${HOME}>` });
    expect((await scene.register({})).headers['Contact']).toContain(HOME);
    expect(await scene.contacts()).toEqual([HOME]);
  });

  test('and is forgotten when its time is over', async () => {
    const scene = new Scene();
    await scene.register({ Contact: `<${HOME}>`, Expires: '60' });
    scene.clock.ms += 60_000;
    expect(await scene.contacts()).toEqual([]);
  });
});

describe('a phone unregisters', () => {
  test('one contact', async () => {
    const scene = new Scene();
    await scene.register({ Contact: '<sip:a@1.1.1.1>, <sip:b@2.2.2.2>' });
    await scene.register({ Contact: '<sip:a@1.1.1.1>;expires=0' });
    expect(await scene.contacts()).toEqual(['sip:b@2.2.2.2']);
  });

  test('all of them, with * and Expires 0 (§10.2.2)', async () => {
    const scene = new Scene();
    await scene.register({ Contact: '<sip:a@1.1.1.1>, <sip:b@2.2.2.2>' });
    expect((await scene.register({ Contact: '*', Expires: '0' })).status).toBe(200);
    expect(await scene.contacts()).toEqual([]);
  });

  test.each([{ Contact: '*' }, { Contact: '*', Expires: '60' }])('not with %j', async (headers) => {
    const scene = new Scene();
    await scene.register({ Contact: `<${HOME}>` });
    expect((await scene.register(headers)).status).toBe(400);
    expect(await scene.contacts()).toEqual([HOME]);
  });
});

describe('a registration is refused', () => {
  test('of somebody else', async () => {
    const scene = new Scene();
    const answer = await scene.register({ Contact: `<${HOME}>` }, { to: 'sip:bob@example.com' });
    expect(answer.status).toBe(403);
    expect(await scene.contacts()).toEqual([]);
  });

  test('that is older than the last one of its Call-ID', async () => {
    const scene = new Scene();
    await scene.register({ Contact: `<${HOME}>`, CSeq: '5 REGISTER' });
    const older = { Contact: `<${HOME}>`, CSeq: '5 REGISTER', Expires: '0' };
    expect((await scene.register(older)).status).toBe(500);
    expect((await scene.register({ ...older, 'Call-ID': 'r2' })).status).toBe(200);
  });

  test.each(['<mailto:a@b>', '<sip:>', '<sip:a b>', `<sip:${'x'.repeat(256)}>`])(
    'whose contact is %s',
    async (contact) => {
      const scene = new Scene();
      expect((await scene.register({ Contact: contact })).status).toBe(400);
    },
  );
});

describe('at the limit of contacts', () => {
  const contactsOf = (count: number): string =>
    Array.from({ length: count }, (_, at) => `<sip:a@10.0.0.${at}>`).join(', ');

  test('all are kept', async () => {
    const scene = new Scene();
    expect((await scene.register({ Contact: contactsOf(CONTACTS_MAX) })).status).toBe(200);
    expect(await scene.contacts()).toHaveLength(CONTACTS_MAX);
  });

  test('one more is refused, and nothing is changed', async () => {
    const scene = new Scene();
    expect((await scene.register({ Contact: contactsOf(CONTACTS_MAX + 1) })).status).toBe(403);
    expect(await scene.contacts()).toEqual([]);
  });

  test('those it has can be renewed, and one replaced by another', async () => {
    const scene = new Scene();
    await scene.register({ Contact: contactsOf(CONTACTS_MAX) });
    expect((await scene.register({ Contact: contactsOf(CONTACTS_MAX) })).status).toBe(200);
    const replaced = await scene.register({
      Contact: '<sip:a@10.0.0.0>;expires=0, <sip:new@1.1.1.1>',
    });
    expect(replaced.status).toBe(200);
    expect(await scene.contacts()).toHaveLength(CONTACTS_MAX);
  });

  test('unregistering what is not there is no contact more', async () => {
    const scene = new Scene();
    await scene.register({ Contact: contactsOf(CONTACTS_MAX) });
    expect((await scene.register({ Contact: '<sip:x@1.1.1.1>;expires=0' })).status).toBe(200);
  });
});
