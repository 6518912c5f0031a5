import { answerTo, readSip, type AnswerParts, type SipText } from '../sip-text.ts';
import type { VirtualTime } from './virtual-time.ts';

/** RFC 3261 §17: T1, T2 and 64*T1, ms. */
const T1 = 500;
const T2 = 4_000;
export const GIVE_UP = 64 * T1;

export const branchOf = (message: SipText): string =>
  /branch=([^;,\s]+)/.exec(message.get('via'))?.[1] ?? '';
export const methodOf = (message: SipText): string => message.get('cseq').split(' ')[1] ?? '';

/** A request of the phone on its way. */
interface Sent {
  readonly text: string;
  readonly method: string;
  readonly onResponse: (response: SipText | undefined) => void;
  answered: boolean;
  stop: () => void;
}

/** A request that came, and what was last said to it. */
export interface Served {
  readonly request: SipText;
  answer: string | undefined;
  final: boolean;
  /** Ends the retransmission of a final answer to INVITE. */
  stop: () => void;
}

export interface TransactionOptions {
  readonly time: VirtualTime;
  readonly send: (text: string) => void;
  /** A request that is no retransmission. */
  readonly onRequest: (served: Served) => void;
  /** The ACK to a 2xx. */
  readonly onAck: (ack: SipText) => void;
}

/** The transactions of a phone over UDP (RFC 3261 §17), as short as they can be written: nothing of the code under test. */
export class PhoneTransactions {
  readonly #options: TransactionOptions;
  readonly #sent = new Map<string, Sent>();
  readonly #served = new Map<string, Served>();

  constructor(options: TransactionOptions) {
    this.#options = options;
  }

  get #time(): VirtualTime {
    return this.#options.time;
  }

  /** @param onResponse every response, copies of a 2xx to INVITE too; undefined when none came in time. */
  request(text: string, onResponse: Sent['onResponse']): void {
    const message = readSip(text);
    const { method } = message;
    const sent: Sent = { text, method, onResponse, answered: false, stop: () => {} };
    this.#sent.set(`${branchOf(message)} ${method}`, sent);
    this.#options.send(text);
    const give = this.#time.after(GIVE_UP, () => this.#unanswered(sent));
    const repeat = this.#repeat(method === 'INVITE' ? GIVE_UP : T2, () => this.#options.send(text));
    sent.stop = () => {
      give();
      repeat();
    };
  }

  take(message: SipText): void {
    if (message.status > 0) return this.#response(message);
    if (message.method === 'ACK') return this.#ack(message);
    const key = `${branchOf(message)} ${message.method}`;
    const known = this.#served.get(key);
    if (known?.answer !== undefined) return this.#options.send(known.answer);
    if (known !== undefined) return;
    const served: Served = { request: message, answer: undefined, final: false, stop: () => {} };
    this.#served.set(key, served);
    this.#options.onRequest(served);
  }

  /** @returns the INVITE that this CANCEL is for. */
  cancelled(cancel: SipText): Served | undefined {
    return this.#served.get(`${branchOf(cancel)} INVITE`);
  }

  /** @param onUnacknowledged nobody acknowledged this final answer to an INVITE. */
  answer(
    served: Served,
    status: string,
    parts: AnswerParts,
    onUnacknowledged: () => void = () => {},
  ): void {
    if (served.final) return;
    const text = answerTo(served.request, status, parts);
    served.answer = text;
    served.final = !status.startsWith('1');
    this.#options.send(text);
    if (!served.final || served.request.method !== 'INVITE') return;
    const repeat = this.#repeat(T2, () => this.#options.send(text));
    const give = this.#time.after(GIVE_UP, () => {
      repeat();
      onUnacknowledged();
    });
    served.stop = () => {
      give();
      repeat();
    };
  }

  /** Sends again and again, at intervals that double. @returns what ends it. */
  #repeat(intervalMax: number, send: () => void): () => void {
    let cancel = (): void => {};
    const next = (ms: number): void => {
      cancel = this.#time.after(ms, () => {
        send();
        next(Math.min(ms * 2, intervalMax));
      });
    };
    next(T1);
    return () => cancel();
  }

  #response(message: SipText): void {
    const sent = this.#sent.get(`${branchOf(message)} ${methodOf(message)}`);
    if (sent === undefined) return;
    if (sent.method === 'INVITE') return this.#inviteResponse(sent, message);
    if (message.status < 200 || sent.answered) return;
    sent.answered = true;
    sent.stop();
    sent.onResponse(message);
  }

  /** Any response ends the retransmissions; a refusal gets its ACK here, each copy of a 2xx from who sent the INVITE. */
  #inviteResponse(sent: Sent, message: SipText): void {
    sent.stop();
    if (message.status >= 300) this.#options.send(ackOf(sent.text, message));
    const isAccepted = message.status >= 200 && message.status < 300;
    if (sent.answered && !isAccepted) return;
    sent.answered = message.status >= 200;
    sent.onResponse(message);
  }

  #unanswered(sent: Sent): void {
    sent.stop();
    sent.answered = true;
    sent.onResponse(undefined);
  }

  /** The ACK to a refusal has the INVITE's branch (§17.1.1.3), that to a 2xx its own. */
  #ack(ack: SipText): void {
    const sequence = ack.get('cseq').split(' ')[0] ?? '';
    for (const served of this.#served.values()) {
      const { request } = served;
      const isIts = request.method === 'INVITE' && request.get('cseq') === `${sequence} INVITE`;
      if (isIts && request.get('call-id') === ack.get('call-id')) served.stop();
    }
    this.#options.onAck(ack);
  }
}

/** RFC 3261 §17.1.1.3. */
function ackOf(invite: string, response: SipText): string {
  const [start = '', ...lines] = invite.slice(0, invite.indexOf('\r\n\r\n')).split('\r\n');
  const kept = lines.filter((line) => /^(via|max-forwards|from|call-id|route):/i.test(line));
  const sequence = response.get('cseq').split(' ')[0] ?? '';
  return [
    start.replace('INVITE', 'ACK'),
    ...kept,
    `To: ${response.get('to')}`,
    `CSeq: ${sequence} ACK`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
