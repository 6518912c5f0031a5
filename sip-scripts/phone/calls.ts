import { Inviter, type Invitation, type Session, type SessionDescriptionHandler } from 'sip.js';
import { RtpSockets } from '../streams/rtp-sockets.ts';
import { Call, RECV_INFO } from './call.ts';
import type { Emit } from './media-tasks.ts';
import type { PhoneOptions } from './phone-options.ts';
import type { PhoneAgent } from './user-agent.ts';

/** What happens to an incoming call. */
export type AnswerMode = 'auto' | 'reject' | 'ring';
export const ANSWER_MODES: readonly AnswerMode[] = ['auto', 'reject', 'ring'];

/** RFC 3261 §21.4.24. */
const BUSY_HERE = 486;
/** More lines than any phone on a desk has. */
export const CALLS_MAX = 16;

/** The calls of a phone, by an id of ours: `call-1`, `call-2` … */
export class Calls {
  mode: AnswerMode = 'auto';
  readonly #options: PhoneOptions;
  readonly #samples: Uint8Array;
  readonly #emit: Emit;
  readonly #calls = new Map<string, Call>();
  readonly #bySession = new WeakMap<Session, Call>();
  #opened = 0;

  constructor(options: PhoneOptions, samples: Uint8Array, emit: Emit) {
    this.#options = options;
    this.#samples = samples;
    this.#emit = emit;
  }

  /** For sip.js: who speaks SDP for a session. @throws Error for a session that is not ours. */
  description(session: Session): SessionDescriptionHandler {
    const call = this.#bySession.get(session);
    if (call === undefined) throw new Error('unknown session');
    return call.description;
  }

  /** A call by its id; without one, the newest. @throws Error when there is none. */
  find(id: string | undefined): Call {
    const call = id === undefined ? [...this.#calls.values()].at(-1) : this.#calls.get(id);
    if (call === undefined) throw new Error('no such call');
    return call;
  }

  all(): Call[] {
    return [...this.#calls.values()];
  }

  /** Calls somebody. @returns the call once the INVITE is on its way. */
  async place(agent: PhoneAgent, to: string, recvInfo: boolean): Promise<Call> {
    const extraHeaders = recvInfo ? [RECV_INFO] : [];
    const inviter = new Inviter(agent.agent, agent.target(to), { extraHeaders });
    const call = await this.#open(inviter);
    await inviter.invite({
      requestDelegate: {
        onProgress: ({ message }) =>
          this.#emit('ringing', { call: call.id, status: message.statusCode }),
        onAccept: ({ message }) => call.answered(listsMidcall(message.getHeader('recv-info'))),
        onReject: ({ message }) => call.refused(message.statusCode ?? 0),
      },
    });
    return call;
  }

  /** Takes an incoming call, as the mode says. */
  async receive(invitation: Invitation): Promise<void> {
    if (this.#calls.size >= CALLS_MAX) {
      await invitation.reject({ statusCode: BUSY_HERE });
      return;
    }
    const call = await this.#open(invitation);
    const { request } = invitation;
    call.recvInfo = listsMidcall(request.getHeader('recv-info'));
    const from = request.from.uri;
    const facts = { call: call.id, from: from.user, uri: from.toString(), recvInfo: call.recvInfo };
    this.#emit('incoming', facts);
    if (this.mode === 'auto') await call.accept();
    if (this.mode === 'reject') await call.reject(BUSY_HERE);
  }

  async #open(session: Session): Promise<Call> {
    const { user, domain, bind } = this.#options;
    const sockets = await RtpSockets.open(bind);
    const id = `call-${++this.#opened}`;
    const cname = `${user}@${domain}`;
    const options = { id, session, sockets, cname, samples: this.#samples };
    const call = new Call({ ...options, emit: (event, fields) => this.#told(id, event, fields) });
    this.#calls.set(id, call);
    this.#bySession.set(session, call);
    return call;
  }

  #told(id: string, event: string, fields: Readonly<Record<string, unknown>>): void {
    if (event === 'ended') this.#calls.delete(id);
    this.#emit(event, fields);
  }
}

const listsMidcall = (header: string | undefined): boolean =>
  (header ?? '').split(',').some((name) => name.trim().toLowerCase() === 'midcall');
