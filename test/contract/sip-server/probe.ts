import type { Address } from '../../../src/base/address.ts';
import { SipClient } from '../../support/sip-client.ts';
import { readSip, tagOf, writeSip, type SipText } from '../../support/sip-text.ts';
import { WireClient, type WireText } from '../../support/wire-client.ts';

export type Kind = 'embedded' | 'drachtio';

/** A SIP server by its two addresses. */
export interface ProbedServer {
  readonly kind: Kind;
  readonly sip: Address;
  readonly admin: Address;
  readonly secret: string;
  /** Lets time pass for the server; undefined when only waiting would do. */
  readonly pass: ((ms: number) => void) | undefined;
  close(): Promise<void>;
}

const VERBS = ['invite', 'register', 'options', 'info', 'message'];
export const SDP = 'v=0\r\n';

/** One application that wants everything, and phones; all of them end with the probe. */
export class Probe {
  readonly server: ProbedServer;
  readonly app: WireClient;
  readonly #phones: SipClient[] = [];
  readonly #apps: WireClient[] = [];

  private constructor(server: ProbedServer, app: WireClient) {
    this.server = server;
    this.app = app;
    this.#apps.push(app);
  }

  static async begin(server: ProbedServer): Promise<Probe> {
    const app = await WireClient.open(server.admin);
    await app.ask(`authenticate|${server.secret}|`);
    for (const verb of VERBS) await app.ask(`route|${verb}`);
    return new Probe(server, app);
  }

  async udp(user: string): Promise<SipClient> {
    return this.#keep(await SipClient.udp(user, this.server.sip));
  }

  async tcp(user: string): Promise<SipClient> {
    return this.#keep(await SipClient.tcp(user, this.server.sip));
  }

  /** A connection that has said nothing yet. */
  async stranger(): Promise<WireClient> {
    const app = await WireClient.open(this.server.admin);
    this.#apps.push(app);
    return app;
  }

  async end(): Promise<void> {
    await Promise.all([...this.#phones, ...this.#apps].map((each) => each.close()));
  }

  #keep(phone: SipClient): SipClient {
    this.#phones.push(phone);
    return phone;
  }
}

/** An INVITE of a phone with the application. */
export interface Invited {
  readonly phone: SipClient;
  readonly invite: SipText;
  readonly text: string;
  readonly shown: WireText;
  readonly txn: string;
}

export async function invited(
  probe: Probe,
  headers: readonly string[] = [],
  given?: SipClient,
): Promise<Invited> {
  const phone = given ?? (await probe.udp('alice'));
  const { text, sent } = phone.outside('INVITE', 'bob', {
    headers: ['Content-Type: application/sdp', ...headers],
    body: SDP,
  });
  phone.send(text);
  const shown = await probe.app.request('INVITE');
  return { phone, invite: sent, text, shown, txn: shown.tokens[8] ?? '' };
}

/** What an application writes as an answer. */
export const answer = (status: string, headers: readonly string[] = [], body = ''): string =>
  writeSip([`SIP/2.0 ${status}`, ...headers], body);

/** What an application writes as a request. */
export const request = (start: string, headers: readonly string[] = [], body = ''): string =>
  writeSip([`${start} SIP/2.0`, ...headers], body);

/** A call that the phone made and the application answered. */
export interface Served extends Invited {
  readonly dialogId: string;
  readonly answered: SipText;
  /** A request of the phone inside the call. */
  write(method: string, sequence: number, parts?: { headers?: string[]; body?: string }): string;
}

export async function served(probe: Probe, given?: Invited): Promise<Served> {
  const call = given ?? (await invited(probe));
  const echo = await probe.app.ask(`sip|${call.txn}|`, answer('200 OK', [], SDP));
  const answered = await call.phone.response(200, 'INVITE');
  const write: Served['write'] = (method, sequence, parts = {}) =>
    writeSip(
      [
        `${method} ${/<([^>]*)>/.exec(answered.get('contact'))?.[1] ?? ''} SIP/2.0`,
        `Via: ${call.phone.via}`,
        'Max-Forwards: 70',
        `From: ${answered.get('from')}`,
        `To: ${answered.get('to')}`,
        `Call-ID: ${answered.get('call-id')}`,
        `CSeq: ${sequence} ${method}`,
        `Contact: <${call.phone.contact}>`,
        ...(parts.headers ?? []),
      ],
      parts.body ?? '',
    );
  call.phone.send(write('ACK', 1));
  await probe.app.request('ACK');
  return { ...call, dialogId: echo.tokens[11] ?? '', answered, write };
}

/** An INVITE of the application with a phone. */
export interface Called {
  readonly phone: SipClient;
  readonly invite: SipText;
  readonly echo: WireText;
  readonly txn: string;
  readonly dialogId: string;
}

export async function called(probe: Probe): Promise<Called> {
  const phone = await probe.udp('carol');
  const text = request(`INVITE ${phone.contact}`, ['From: <sip:app@localhost>'], SDP);
  const echo = await probe.app.ask('sip||', text);
  const invite = await phone.request('INVITE');
  const sent = readSip(echo.text);
  const dialogId = `${sent.get('call-id')};from-tag=${tagOf(sent.get('from'))}`;
  return { phone, invite, echo, txn: echo.tokens[10] ?? '', dialogId };
}

/** The same, answered and acknowledged. */
export async function calling(probe: Probe): Promise<Called> {
  const call = await called(probe);
  call.phone.answer(call.invite, '200 OK', { body: SDP });
  await probe.app.response(200);
  await probe.app.ask(`sip||${call.dialogId}`, request('ACK sip:placeholder'));
  await call.phone.request('ACK');
  return call;
}
