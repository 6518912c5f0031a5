import type { Address } from '../../../src/base/address.ts';
import { CONTENT_TYPE, INFO_PACKAGE } from '../../../src/incall/info-package.ts';
import { authorization } from '../fake-sip.ts';
import { readSip, tagOf, uriIn, writeSip, type SipText } from '../sip-text.ts';
import { GIVE_UP, PhoneTransactions, type Served } from './phone-transactions.ts';
import type { VirtualTime } from './virtual-time.ts';

export const PASSWORD = 'open sesame';
export const DOMAIN = 'example.com';
const INFO_HEADERS = [
  `Info-Package: ${INFO_PACKAGE}`,
  `Content-Type: ${CONTENT_TYPE}`,
  'Content-Disposition: Info-Package',
];

export interface PhoneOptions {
  readonly name: string;
  readonly address: string;
  readonly server: Address;
  /** Its first media port: voice; a file is at 100 above. */
  readonly mediaPort: number;
  readonly time: VirtualTime;
  readonly send: (from: Address, to: Address, bytes: Buffer) => void;
  /** What the phone does with an INVITE. */
  readonly onInvite: (phone: ModelPhone, served: Served) => void;
  /** The call is up: the ACK was sent or has come. */
  readonly onUp: (phone: ModelPhone) => void;
  readonly onInfo: (phone: ModelPhone, body: string) => void;
  /** The other side hung up. */
  readonly onBye: (phone: ModelPhone) => void;
  /** The 200 was repeated for 32 s, and nobody acknowledged it. */
  readonly onUnacknowledged: (phone: ModelPhone) => void;
}

export type CallState = 'idle' | 'inviting' | 'invited' | 'up' | 'ending' | 'over';

interface Dialog {
  readonly callId: string;
  readonly local: string;
  remote: string;
  target: string;
}

/** A softphone without sockets, for one call: what RFC 3261 asks of a user agent, and nothing shared with the code under test. */
export class ModelPhone {
  readonly name: string;
  readonly address: string;
  state: CallState = 'idle';
  /** Switched off: hears and says nothing. */
  dead = false;
  /** The user wanted the call to end. */
  hungUp = false;
  /** Final answer to our INVITE, or that we gave. */
  outcome = 0;
  readonly #options: PhoneOptions;
  readonly #transactions: PhoneTransactions;
  #dialog: Dialog | undefined;
  #sequence = 0;
  /** CSeq of the INVITE that is out. */
  #inviteSequence = 0;
  /** The INVITE that is out, for CANCEL. */
  #invite = '';
  #provisional = false;
  #cancelling = false;
  /** The INVITE that we answer. */
  #served: Served | undefined;
  #reinviting = false;
  #ack = '';
  #branches = 0;

  constructor(options: PhoneOptions) {
    this.#options = options;
    this.name = options.name;
    this.address = options.address;
    this.#transactions = new PhoneTransactions({
      time: options.time,
      send: (text) => this.#send(text),
      onRequest: (served) => this.#request(served),
      onAck: () => this.#acknowledged(),
    });
  }

  get contact(): string {
    return `sip:${this.name}@${this.address}:5060`;
  }

  arrive(bytes: Buffer): void {
    if (!this.dead) this.#transactions.take(readSip(bytes.toString()));
  }

  /** Calls somebody. @param credentials after a challenge. */
  call(callee: string, credentials: readonly string[] = []): void {
    const uri = `sip:${callee}@${DOMAIN}`;
    this.state = 'inviting';
    this.#dialog ??= {
      callId: `${this.name}-call`,
      local: `<sip:${this.name}@${DOMAIN}>;tag=${this.name}tag`,
      remote: `<${uri}>`,
      target: uri,
    };
    this.#provisional = false;
    const headers = [...credentials, ...this.#sdpHeaders()];
    this.#invite = this.#write('INVITE', headers, this.#sdp());
    this.#inviteSequence = this.#sequence;
    this.#transactions.request(this.#invite, (response) => this.#invited(callee, response));
  }

  /** Gives up a call that rings; held until a provisional response (§9.1). */
  cancel(): void {
    this.#cancelling = true;
    this.hungUp = true;
    if (this.#provisional && this.state === 'inviting') this.#sendCancel();
  }

  ring(served: Served): void {
    this.#transactions.answer(served, '180 Ringing', this.#answerParts());
  }

  refuse(served: Served, status: string): void {
    if (served.final) return;
    this.outcome = Number(status.slice(0, 3));
    this.state = 'over';
    this.#transactions.answer(served, status, this.#answerParts());
  }

  accept(served: Served): void {
    if (served.final) return;
    this.outcome = 200;
    this.#dialog = {
      callId: served.request.get('call-id'),
      local: `${served.request.get('to')};tag=${this.name}tag`,
      remote: served.request.get('from'),
      target: uriIn(served.request.get('contact')),
    };
    const parts = this.#answerParts([...this.#sdpHeaders()], this.#sdp());
    // Nobody acknowledges: the call is to be ended with a BYE (§13.3.1.4).
    this.#transactions.answer(served, '200 OK', parts, () => this.#unacknowledged());
  }

  /** Ends the call, whatever it waits for. */
  hangUp(): void {
    if (this.state !== 'up' && this.state !== 'invited') return;
    this.state = 'ending';
    this.hungUp = true;
    this.#transactions.request(this.#write('BYE', [], ''), () => {
      this.state = 'over';
    });
  }

  /** Says something to the platform. */
  info(body: string): void {
    if (this.state === 'up')
      this.#transactions.request(this.#write('INFO', INFO_HEADERS, body), () => {});
  }

  /** Offers the same media again: a session refresh, as phones do. */
  reinvite(): void {
    if (this.state !== 'up' || this.#reinviting) return;
    this.#reinviting = true;
    const text = this.#write('INVITE', this.#sdpHeaders(), this.#sdp());
    const sequence = this.#sequence;
    this.#transactions.request(text, (response) => {
      if (response !== undefined && response.status < 200) return;
      this.#reinviting = false;
      if (response !== undefined && response.status < 300) this.#acknowledge(response, sequence);
    });
  }

  switchOff(): void {
    this.dead = true;
  }

  #invited(callee: string, response: SipText | undefined): void {
    if (response === undefined) return this.#ended(408);
    if (response.status < 200) {
      this.#provisional = true;
      if (this.#cancelling && this.state === 'inviting') this.#sendCancel();
      return;
    }
    if (response.status === 407 && !this.#cancelling) return this.#authenticate(callee, response);
    if (response.status >= 300) return this.#ended(response.status);
    this.#answered(response);
  }

  #authenticate(callee: string, challenge: SipText): void {
    const { name: user } = this;
    const credentials = authorization(challenge.get('proxy-authenticate'), {
      user,
      password: PASSWORD,
      method: 'INVITE',
    });
    this.call(callee, [`Proxy-Authorization: ${credentials}`]);
  }

  #answered(response: SipText): void {
    if (this.#ack !== '') return this.#send(this.#ack);
    this.outcome = 200;
    if (this.#dialog === undefined) return;
    this.#dialog.remote = response.get('to');
    this.#dialog.target = uriIn(response.get('contact'));
    this.#acknowledge(response, this.#inviteSequence);
    const isNews = this.state === 'inviting';
    this.state = 'up';
    if (this.#cancelling) this.hangUp();
    else if (isNews) this.#options.onUp(this);
  }

  #acknowledge(response: SipText, sequence: number): void {
    if (tagOf(response.get('to')) === '') return;
    this.#ack = this.#write('ACK', [], '', sequence);
    this.#send(this.#ack);
  }

  #ended(status: number): void {
    this.outcome = status;
    this.state = 'over';
  }

  #sendCancel(): void {
    const sent = readSip(this.#invite);
    const text = writeSip([
      `CANCEL ${sent.start.split(' ')[1] ?? ''} SIP/2.0`,
      `Via: ${sent.get('via')}`,
      'Max-Forwards: 70',
      `From: ${sent.get('from')}`,
      `To: ${sent.get('to')}`,
      `Call-ID: ${sent.get('call-id')}`,
      `CSeq: ${this.#inviteSequence} CANCEL`,
    ]);
    this.#transactions.request(text, () => {});
    // Nothing came of it: the call is over for us all the same (§9.1).
    this.#options.time.after(GIVE_UP, () => {
      if (this.state === 'inviting') this.#ended(487);
    });
  }

  #request(served: Served): void {
    const { method } = served.request;
    if (method === 'INVITE') return this.#inviteCame(served);
    if (method === 'CANCEL') return this.#cancelCame(served);
    if (!this.#isMine(served.request)) return this.#say(served, '481 No Such Dialog');
    this.#say(served, '200 OK');
    if (method === 'BYE') this.#byeCame();
    if (method === 'INFO') this.#options.onInfo(this, served.request.body);
  }

  #inviteCame(served: Served): void {
    if (tagOf(served.request.get('to')) === '') {
      if (this.state !== 'idle') return this.#say(served, '486 Busy Here');
      this.state = 'invited';
      this.#served = served;
      return this.#options.onInvite(this, served);
    }
    if (!this.#isMine(served.request)) return this.#say(served, '481 No Such Dialog');
    if (this.#reinviting) return this.#say(served, '491 Request Pending');
    this.#transactions.answer(
      served,
      '200 OK',
      this.#answerParts(this.#sdpHeaders(), this.#sdp()),
      () => this.#unacknowledged(),
    );
  }

  #unacknowledged(): void {
    if (!this.dead && this.state !== 'over' && this.state !== 'ending')
      this.#options.onUnacknowledged(this);
    this.hangUp();
  }

  #cancelCame(served: Served): void {
    const invite = this.#transactions.cancelled(served.request);
    if (invite === undefined) return this.#say(served, '481 No Such Transaction');
    this.#say(served, '200 OK');
    this.refuse(invite, '487 Request Terminated');
  }

  #byeCame(): void {
    this.#served?.stop();
    this.#options.onBye(this);
    this.state = 'over';
  }

  #acknowledged(): void {
    if (this.state !== 'invited') return;
    this.state = 'up';
    this.#options.onUp(this);
  }

  #isMine(request: SipText): boolean {
    const known = this.#dialog;
    const isThis =
      known !== undefined &&
      request.get('call-id') === known.callId &&
      tagOf(request.get('from')) === tagOf(known.remote);
    return isThis && this.state !== 'over';
  }

  #say(served: Served, status: string): void {
    this.#transactions.answer(served, status, this.#answerParts());
  }

  #answerParts(
    headers: readonly string[] = [],
    body = '',
  ): { tag: string; headers: readonly string[]; body: string } {
    const kept = headers.filter((line) => !line.startsWith('Content-Type'));
    return { tag: `${this.name}tag`, headers: [`Contact: <${this.contact}>`, ...kept], body };
  }

  #sdpHeaders(): readonly string[] {
    return ['Content-Type: application/sdp', `Recv-Info: ${INFO_PACKAGE}`];
  }

  #sdp(): string {
    return sdpOf(this.address, `m=audio ${this.#options.mediaPort} RTP/AVP 8`, 'a=sendrecv');
  }

  #write(method: string, headers: readonly string[], body: string, sequence?: number): string {
    const dialog = this.#dialog;
    if (dialog === undefined) throw new Error('no dialog to write in');
    const branch = `z9hG4bK-${this.name}-${++this.#branches}`;
    return writeSip(
      [
        `${method} ${dialog.target} SIP/2.0`,
        `Via: SIP/2.0/UDP ${this.address}:5060;rport;branch=${branch}`,
        'Max-Forwards: 70',
        `From: ${dialog.local}`,
        `To: ${dialog.remote}`,
        `Call-ID: ${dialog.callId}`,
        `CSeq: ${sequence ?? ++this.#sequence} ${method}`,
        `Contact: <${this.contact}>`,
        ...headers,
      ],
      body,
    );
  }

  #send(text: string): void {
    if (this.dead) return;
    const from = { address: this.address, port: 5060 };
    this.#options.send(from, this.#options.server, Buffer.from(text));
  }
}

/** An SDP whose media are at that address. */
export const sdpOf = (address: string, ...lines: readonly string[]): string =>
  [
    'v=0',
    `o=phone 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    ...lines,
    '',
  ].join('\r\n');
