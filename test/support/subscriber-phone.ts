import { createHash } from 'node:crypto';
import type { Address } from '../../src/base/address.ts';
import { ClientDialog, SipClient, type OutsideRequest } from './sip-client.ts';
import type { AnswerParts, SipText } from './sip-text.ts';

const DOMAIN = 'test';
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** A phone made of text that belongs to a subscriber: it proves who it is with digest (RFC 7616). */
export class SubscriberPhone {
  readonly sip: SipClient;
  readonly #password: string;

  private constructor(sip: SipClient, password: string) {
    this.sip = sip;
    this.#password = password;
  }

  static async open(user: string, password: string, server: Address): Promise<SubscriberPhone> {
    return new SubscriberPhone(await SipClient.udp(user, server), password);
  }

  /** Sends a request and, when it is challenged, once more with credentials. @returns what is not a challenge. */
  async send(method: string, to: string, parts: AnswerParts = {}): Promise<SipText> {
    const first = this.sip.outside(method, to, parts);
    const challenge = await this.sip.exchange(first.text, isFinalOf(first));
    if (challenge.status !== 401 && challenge.status !== 407) return challenge;
    if (method === 'INVITE') this.sip.send(acknowledgeRefusal(first.text, challenge));
    const uri = `sip:${to}@${this.sip.server.address}:${this.sip.server.port}`;
    const header = this.#credentials(challenge, method, uri);
    const headers = [...(parts.headers ?? []), header];
    const second = this.sip.outside(method, to, { ...parts, headers });
    const isFinal = isFinalOf(second);
    return this.sip.exchange(second.text, (it) => isFinal(it) || it.status === 180);
  }

  async register(): Promise<void> {
    const answer = await this.send('REGISTER', this.sip.user, { headers: ['Expires: 600'] });
    if (answer.status !== 200) throw new Error(`REGISTER got ${answer.start}`);
  }

  /** The Authorization or Proxy-Authorization that answers a challenge. */
  #credentials(challenge: SipText, method: string, uri: string): string {
    const isProxy = challenge.status === 407;
    const value = challenge.get(isProxy ? 'proxy-authenticate' : 'www-authenticate');
    const field = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(value)?.[1] ?? '';
    const [realm, nonce] = [field('realm'), field('nonce')];
    const { user } = this.sip;
    const ha1 = md5(`${user}:${realm}:${this.#password}`);
    const [nc, cnonce] = ['00000001', 'c0ffee'];
    const response = md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${uri}`)}`);
    const name = isProxy ? 'Proxy-Authorization' : 'Authorization';
    return (
      `${name}: Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
      `response="${response}", algorithm=MD5, qop=auth, nc=${nc}, cnonce="${cnonce}"`
    );
  }
}

/** Not the one to the request before, which a busy server may send twice. */
const isFinalOf =
  ({ sent }: OutsideRequest) =>
  (it: SipText): boolean =>
    it.status >= 200 && it.get('call-id') === sent.get('call-id');

/** ACK to a non-2xx: the request's own line, Via and Call-ID, the response's To (RFC 3261 §17.1.1.3). */
export function acknowledgeRefusal(invite: string, response: SipText): string {
  const head = invite.slice(0, invite.indexOf('\r\n\r\n')).split('\r\n');
  const kept = head.filter((line) => /^(Via|From|Call-ID|Max-Forwards):/i.test(line));
  const line = (head[0] ?? '').replace(/^INVITE/, 'ACK');
  const cseq = response.get('cseq').replace('INVITE', 'ACK');
  const end = [`To: ${response.get('to')}`, `CSeq: ${cseq}`, 'Content-Length: 0', '', ''];
  return [line, ...kept, ...end].join('\r\n');
}

export interface TextCall {
  readonly caller: ClientDialog;
  readonly callee: ClientDialog;
  /** The INVITE as the callee got it, and the 200 as the caller did. */
  readonly invite: SipText;
  readonly answered: SipText;
}

/** Two text phones in a call through the platform. */
export async function callBetween(
  caller: SubscriberPhone,
  callee: SubscriberPhone,
  sdp: {
    readonly offer: string;
    readonly answer: string;
    /** Whether both list our Info-Package; they do unless told otherwise. */
    readonly takesInfo?: boolean;
  },
): Promise<TextCall> {
  const listed = sdp.takesInfo === false ? [] : ['Recv-Info: midcall'];
  const sdpHeaders = ['Content-Type: application/sdp', ...listed];
  const placed = caller.send('INVITE', callee.sip.user, { headers: sdpHeaders, body: sdp.offer });
  const invite = await callee.sip.request('INVITE');
  callee.sip.answer(invite, '180 Ringing');
  await placed;
  callee.sip.answer(invite, '200 OK', { headers: listed, body: sdp.answer });
  const answered = await caller.sip.response(200, 'INVITE');
  const callerSide = ClientDialog.ofCaller(caller.sip, answered);
  callerSide.ack(answered);
  await callee.sip.request('ACK');
  return {
    caller: callerSide,
    callee: ClientDialog.ofCallee(callee.sip, invite),
    invite,
    answered,
  };
}

export const TEXT_PHONE_DOMAIN = DOMAIN;
