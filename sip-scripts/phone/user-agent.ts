import {
  UserAgent,
  type Core,
  type Session,
  type SessionDescriptionHandler,
  type URI,
  type UserAgentDelegate,
} from 'sip.js';
import { PhoneTransport } from '../signalling/phone-transport.ts';
import { TcpLink } from '../signalling/tcp-link.ts';
import { UdpLink } from '../signalling/udp-link.ts';
import type { PhoneOptions } from './phone-options.ts';
import { finalAnswer, type SipAnswer } from './sip-answer.ts';

/** A request outside any dialog. */
export interface OutOfDialogRequest {
  readonly method: string;
  readonly to: URI;
  /** Default: the same as `to`. */
  readonly requestUri?: URI;
  readonly headers?: readonly string[];
  readonly body?: { readonly contentType: string; readonly content: string };
  /** To repeat a registration in its sequence. */
  readonly callId?: string;
  readonly cseq?: number;
}

/** sip.js, set up for a plain socket instead of a browser: see the comments at each option. */
export class PhoneAgent {
  readonly agent: UserAgent;
  readonly #options: PhoneOptions;
  readonly #transport: PhoneTransport;

  constructor(
    options: PhoneOptions,
    delegate: UserAgentDelegate,
    describe: (session: Session) => SessionDescriptionHandler,
  ) {
    this.#options = options;
    const link = options.transport === 'udp' ? new UdpLink(options) : new TcpLink(options);
    this.agent = new UserAgent({
      uri: this.#aor(),
      authorizationUsername: options.user,
      authorizationPassword: options.password,
      contactName: options.user,
      contactParams: { transport: options.transport },
      delegate,
      // Answers come back to the port the request left from (RFC 3581); sip.js drops them when Via names a port.
      forceRport: true,
      viaHost: options.bind,
      // sip.js offers RFC 5626 `outbound` by default and has no second flow to show for it.
      sipExtensionExtraSupported: [],
      logBuiltinEnabled: false,
      sessionDescriptionHandlerFactory: describe,
      transportConstructor: PhoneTransport,
      transportOptions: { link },
      userAgentString: 'midcall-phone',
    });
    const transport = this.agent.transport;
    if (!(transport instanceof PhoneTransport)) throw new Error('not our transport');
    this.#transport = transport;
  }

  /** Opens the sockets and puts where we are reached into Contact. */
  async start(): Promise<{ readonly address: string; readonly port: number }> {
    await this.agent.start();
    const { address, port } = this.#transport.contact;
    this.agent.contact.uri.host = address;
    this.agent.contact.uri.port = port;
    return { address, port };
  }

  /** Where a user or number of our domain, or a whole SIP URI, is called. @throws Error when it is neither. */
  target(to: string): URI {
    const uri = UserAgent.makeURI(/^sips?:/.test(to) ? to : `sip:${to}@${this.#options.domain}`);
    if (uri === undefined) throw new Error(`not a SIP URI: ${to}`);
    return uri;
  }

  /** Our address of record. */
  #aor(): URI {
    return this.target(this.#options.user);
  }

  /** Where registrations go: the domain itself (RFC 3261 §10.2). */
  registrar(): URI {
    return this.target(`sip:${this.#options.domain}`);
  }

  get aor(): URI {
    return this.agent.configuration.uri;
  }

  /** Sends a request, answering a challenge (401, 407) once. Resolves with its final response, 408 when none comes. */
  request(request: OutOfDialogRequest): Promise<SipAnswer> {
    const core = this.agent.userAgentCore;
    const { method, to, requestUri = to, headers = [], callId, cseq } = request;
    const message = core.makeOutgoingRequestMessage(
      method,
      requestUri,
      this.aor,
      to,
      { ...(callId === undefined ? {} : { callId }), ...(cseq === undefined ? {} : { cseq }) },
      [...headers],
      request.body && withDisposition(request.body, 'render'),
    );
    return new Promise((resolve) => core.request(message, finalAnswer(resolve)));
  }
}

/** sip.js wants a disposition beside a body; it does not send it. */
export const withDisposition = (
  body: { readonly contentType: string; readonly content: string },
  contentDisposition: string,
): Core.Body => ({ ...body, contentDisposition });
