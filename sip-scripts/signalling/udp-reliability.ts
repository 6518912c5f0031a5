import { after, type Instant } from '../../src/base/units.ts';
import { branchOf, isRequest, methodOf, statusOf } from './sip-text.ts';

/**
 * What RFC 3261 asks of a transaction layer over UDP and sip.js leaves out, since it was made for WebSocket: requests
 * are sent again until answered (timers A and E, §17.1.1.2, §17.1.2.2), rejections of INVITE until acknowledged (timer G,
 * §17.2.1), a repeated request gets its last response again, and a repeated rejection its ACK. sip.js sees each
 * message once. It repeats its own 2xx and ACKs a repeated 2xx itself (RFC 6026), so those pass through.
 *
 * Without sockets and clocks: the link gives messages and `now`, and sends what it is told to.
 */

/** RTT estimate, and the longest wait between two sendings (RFC 3261 §17.1.1.1). */
export const T1_MS = 500;
export const T2_MS = 4_000;
/** Transactions give up after 64·T1 (timers B, F, H). */
export const GIVE_UP_MS: number = 64 * T1_MS;
/** A phone has a handful of transactions at once; the oldest memory goes first. */
export const TRANSACTIONS_MAX = 512;

interface Retransmission {
  readonly message: string;
  readonly capMs: number;
  readonly givesUpAt: Instant;
  intervalMs: number;
  dueAt: Instant;
}

/** What arrived: for sip.js, or dealt with here, with something to send back to where it came from. */
export interface Arrival {
  readonly deliver: boolean;
  readonly reply?: string;
}

export class UdpReliability {
  /** Requests without an answer and INVITE rejections without an ACK, by transaction. */
  readonly #pending = new Map<string, Retransmission>();
  /** Requests seen, by transaction, with the last response given: what a repetition gets. */
  readonly #answered = new Map<string, string | undefined>();
  /** ACKs of rejections by branch, for a rejection that comes again. */
  readonly #acks = new Map<string, string>();

  /** Notes a message that is being sent now. */
  outgoing(message: string, now: Instant): void {
    if (isRequest(message)) this.#outgoingRequest(message, now);
    else this.#outgoingResponse(message, now);
  }

  /** Decides what becomes of a message that has arrived. */
  incoming(message: string, now: Instant): Arrival {
    return isRequest(message)
      ? this.#incomingRequest(message)
      : this.#incomingResponse(message, now);
  }

  /** The messages to send again now. */
  due(now: Instant): string[] {
    const messages: string[] = [];
    for (const [key, entry] of this.#pending) {
      if (now >= entry.givesUpAt) this.#pending.delete(key);
      else if (now >= entry.dueAt) messages.push(again(entry, now));
    }
    return messages;
  }

  /** When `due` has something next. */
  deadline(): Instant | undefined {
    let earliest: Instant | undefined;
    for (const { dueAt } of this.#pending.values()) {
      if (earliest === undefined || dueAt < earliest) earliest = dueAt;
    }
    return earliest;
  }

  #outgoingRequest(request: string, now: Instant): void {
    const method = methodOf(request);
    if (method === 'ACK') remember(this.#acks, branchOf(request), request);
    else this.#repeat(clientKey(request), request, now, method === 'INVITE' ? Infinity : T2_MS);
  }

  #outgoingResponse(response: string, now: Instant): void {
    const key = serverKey(response, methodOf(response));
    remember(this.#answered, key, response);
    if (methodOf(response) === 'INVITE' && statusOf(response) >= 300) {
      this.#repeat(key, response, now, T2_MS);
    }
  }

  #incomingRequest(request: string): Arrival {
    const method = methodOf(request);
    if (method === 'ACK') {
      this.#pending.delete(serverKey(request, 'INVITE'));
      return { deliver: true };
    }
    const key = serverKey(request, method);
    if (!this.#answered.has(key)) {
      remember(this.#answered, key, undefined);
      return { deliver: true };
    }
    const reply = this.#answered.get(key);
    return reply === undefined ? { deliver: false } : { deliver: false, reply };
  }

  #incomingResponse(response: string, now: Instant): Arrival {
    const key = clientKey(response);
    const status = statusOf(response);
    if (methodOf(response) !== 'INVITE') return this.#otherResponse(key, status, now);
    this.#pending.delete(key);
    const ack = status >= 300 ? this.#acks.get(branchOf(response)) : undefined;
    return ack === undefined ? { deliver: true } : { deliver: false, reply: ack };
  }

  /**
   * Timer K (RFC 3261 §17.1.2.2) absorbs what comes after the final response. To sip.js the second 401 to one request would be the answer to
   * the next, which has the credentials: it would give up.
   */
  #otherResponse(key: string, status: number, now: Instant): Arrival {
    const deliver = this.#pending.has(key);
    if (status >= 200) this.#pending.delete(key);
    else this.#slowDown(key, now);
    return { deliver };
  }

  /** Timer E runs at T2 once a provisional response has come (RFC 3261 §17.1.2.2). */
  #slowDown(key: string, now: Instant): void {
    const entry = this.#pending.get(key);
    if (entry === undefined) return;
    entry.intervalMs = T2_MS;
    entry.dueAt = after(now, T2_MS);
  }

  #repeat(key: string, message: string, now: Instant, capMs: number): void {
    remember(this.#pending, key, {
      message,
      capMs,
      givesUpAt: after(now, GIVE_UP_MS),
      intervalMs: T1_MS,
      dueAt: after(now, T1_MS),
    });
  }
}

function again(entry: Retransmission, now: Instant): string {
  entry.intervalMs = Math.min(entry.intervalMs * 2, entry.capMs);
  entry.dueAt = after(now, entry.intervalMs);
  return entry.message;
}

const clientKey = (message: string): string => `${branchOf(message)} ${methodOf(message)}`;
const serverKey = (message: string, method: string): string => `${branchOf(message)} ${method}`;

/** Inserts as the newest and keeps the map within {@link TRANSACTIONS_MAX}. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next().value;
  if (map.size > TRANSACTIONS_MAX && oldest !== undefined) map.delete(oldest);
}
