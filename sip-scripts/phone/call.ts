import { Invitation, Inviter, SessionState, type Info, type Message, type Session } from 'sip.js';
import { randomInt } from 'node:crypto';
import { PhoneDescription } from '../signalling/session-description.ts';
import type { Direction } from '../signalling/phone-sdp.ts';
import { VoiceLine } from '../signalling/voice-line.ts';
import { Voice } from '../streams/voice.ts';
import type { RtpSockets } from '../streams/rtp-sockets.ts';
import { parseLine, type Fields } from './lines.ts';
import type { Emit } from './media-tasks.ts';
import { finalAnswer, type SipAnswer } from './sip-answer.ts';
import { withDisposition } from './user-agent.ts';

/** The header by which a party says that it takes our messages (RFC 6086 §4.2, docs/in-call-protocol.md §1). */
export const RECV_INFO = 'Recv-Info: midcall';

/** An INFO to send. */
export interface InfoOrder {
  readonly content: string;
  readonly contentType: string;
  /** Left out: a legacy INFO without a package. */
  readonly infoPackage?: string;
  readonly contentDisposition?: string;
}

export interface CallOptions {
  readonly id: string;
  readonly session: Session;
  readonly sockets: RtpSockets;
  readonly cname: string;
  readonly samples: Uint8Array;
  readonly emit: Emit;
}

/** One call: a dialog of sip.js and its voice. */
export class Call {
  readonly id: string;
  readonly session: Session;
  readonly description: PhoneDescription;
  readonly #emit: Emit;
  readonly #line: VoiceLine;
  readonly #voice: Voice;
  /** Why it ended, as far as known before it did. */
  #cause = 'ended';
  #status: number | undefined;

  constructor({ id, session, sockets, cname, samples, emit }: CallOptions) {
    this.id = id;
    this.session = session;
    this.#emit = emit;
    this.#voice = new Voice(sockets, cname, samples);
    this.#line = new VoiceLine({
      address: sockets.address,
      rtpPort: sockets.rtpPort,
      rtcpPort: sockets.rtcpPort,
      sessionId: randomInt(2 ** 31),
      agreed: (terms) => this.#voice.agree(terms),
    });
    this.description = new PhoneDescription(this.#line);
    this.#follow();
  }

  /** Whether the other side takes midcall's INFO. Known once it has answered or called. */
  recvInfo = false;

  /** Answers an incoming call. */
  async accept(): Promise<void> {
    if (!(this.session instanceof Invitation)) throw new Error('not an incoming call');
    await this.session.accept({ extraHeaders: [RECV_INFO] });
  }

  /** Refuses an incoming call. */
  async reject(status: number): Promise<void> {
    if (!(this.session instanceof Invitation)) throw new Error('not an incoming call');
    this.#because('rejected', status);
    await this.session.reject({ statusCode: status });
  }

  /** Gives up an outgoing call that was not answered yet. */
  async cancel(): Promise<void> {
    if (!(this.session instanceof Inviter)) throw new Error('not an outgoing call');
    this.#because('cancelled');
    await this.session.cancel();
  }

  /** Hangs up an established call. Resolves with the answer to BYE. */
  hangUp(): Promise<SipAnswer> {
    this.#because('hung-up');
    return new Promise((resolve, reject) => {
      this.session.bye({ requestDelegate: finalAnswer(resolve) }).catch(reject);
    });
  }

  /** Notes why the call is about to end, and with what final status. */
  #because(cause: string, status?: number): void {
    this.#cause = cause;
    this.#status = status;
  }

  /** The other side answered our INVITE. The callee, by contrast, speaks once it has the ACK: see `onAck`. */
  answered(recvInfo: boolean): void {
    this.recvInfo = recvInfo;
    this.#voice.begin();
    this.#up();
  }

  /** The other side refused our INVITE. */
  refused(status: number): void {
    if (this.#cause === 'ended') this.#because('refused', status);
  }

  /** Offers another direction (hold, resume). Resolves with the final response. */
  reinvite(direction: Direction): Promise<SipAnswer> {
    this.#line.want(direction);
    return new Promise((resolve, reject) => {
      this.session.invite({ requestDelegate: finalAnswer(resolve) }).catch(reject);
    });
  }

  /** Sends an INFO in this dialog. Resolves with its final response. */
  info(order: InfoOrder): Promise<SipAnswer> {
    const { content, contentType, infoPackage, contentDisposition } = order;
    const extraHeaders = [
      ...(infoPackage === undefined ? [] : [`Info-Package: ${infoPackage}`]),
      ...(contentDisposition === undefined ? [] : [`Content-Disposition: ${contentDisposition}`]),
    ];
    const body = withDisposition({ contentType, content }, contentDisposition ?? 'render');
    return new Promise((resolve, reject) => {
      const requestOptions = { extraHeaders, body };
      this.session.info({ requestDelegate: finalAnswer(resolve), requestOptions }).catch(reject);
    });
  }

  mute(muted: boolean): void {
    this.#voice.mute(muted);
  }

  facts(): Fields {
    return {
      call: this.id,
      state: this.session.state,
      peer: this.session.remoteIdentity.uri.user,
      recvInfo: this.recvInfo,
      lines: this.#line.theirs,
      voice: this.#voice.counts(),
    };
  }

  #follow(): void {
    this.session.stateChange.addListener((state) => {
      if (state === SessionState.Established && this.session instanceof Invitation) this.#up();
      if (state === SessionState.Terminated) this.#down();
    });
    this.session.delegate = {
      // Only now is the path through a B2BUA sure to be there.
      onAck: () => this.#voice.begin(),
      onBye: (bye) => {
        this.#because('bye');
        bye.accept().catch(() => {});
      },
      onCancel: () => this.#because('cancelled', 487),
      onInfo: (info) => this.#heardInfo(info),
      onInvite: (_request, _response, status) =>
        this.#emit('reinvited', { call: this.id, status, lines: this.#line.theirs }),
      onMessage: (message) => this.#heardMessage(message),
    };
  }

  #up(): void {
    this.#emit('established', { call: this.id, recvInfo: this.recvInfo, lines: this.#line.theirs });
  }

  /** sip.js changes the state first and tells the status of a refusal after, in the same turn. */
  #down(): void {
    const voice = this.#voice.counts();
    this.#voice.end();
    setImmediate(() => {
      const { id: call } = this;
      this.#emit('ended', { call, cause: this.#cause, status: this.#status, voice });
    });
  }

  #heardInfo(info: Info): void {
    const { request } = info;
    info.accept().catch(() => {});
    this.#emit('info', {
      call: this.id,
      package: request.getHeader('info-package'),
      contentType: request.getHeader('content-type'),
      contentDisposition: request.getHeader('content-disposition'),
      body: parseLine(request.body) ?? request.body,
    });
  }

  #heardMessage(message: Message): void {
    message.accept().catch(() => {});
    const { request } = message;
    this.#emit('message', { call: this.id, from: request.from.uri.user, text: request.body });
  }
}
