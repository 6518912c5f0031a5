import Srf from 'drachtio-srf';
import type { Log } from '../base/log.ts';
import type { WirePipe } from '../net/wire-pipe.ts';
import { passValues, type Agent } from './framework-frames.ts';

/**
 * The one place that touches drachtio-srf. It hides the framework's defects (docs/drachtio-wire-protocol.md §8): promises that
 * never settle when the control connection dies, answers given by default, responses taken for final when they are not.
 */

/** The part of a drachtio-srf message that we use. */
export interface SipMessage {
  readonly body: string;
  /** By name, in lower case but for names that are somebody's own (`X-`, `P-`); several of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  has(header: string): boolean;
  get(header: string): string;
}

export interface SipRequest extends SipMessage {
  readonly method: string;
  readonly uri: string;
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  getParsedHeader(header: 'from' | 'to'): {
    readonly name?: string;
    readonly uri: string;
    readonly params?: Readonly<Record<string, string>>;
  };
  getParsedHeader(
    header: 'contact',
  ): readonly { readonly uri: string; readonly params: Record<string, string> }[];
}

export interface SipResponse extends SipMessage {
  readonly status: number;
  readonly reason: string;
  readonly finalResponseSent: boolean;
  send(
    status: number,
    reason?: string,
    options?: { headers?: Record<string, string>; body?: string | undefined },
  ): void;
}

export interface SipDialog {
  readonly connected: boolean;
  on(event: 'destroy', listener: () => void): void;
  on(event: 'ack', listener: (request: SipRequest) => void): void;
  on(event: string, listener: (request: SipRequest, response: SipResponse) => void): void;
  once(event: 'ack', listener: (request: SipRequest) => void): void;
  request(
    options: DialogRequest & { noAck?: boolean },
    callback: (error: unknown, response?: SipResponse, ack?: Acknowledge) => void,
  ): void;
  destroy(): Promise<unknown>;
}

export interface DialogRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string | undefined;
}

type Acknowledge = (options: { body: string }) => void;

/** A response and, for a re-INVITE without an offer, the way to send the answer in the ACK. */
export interface FinalResponse {
  readonly response: SipResponse;
  readonly acknowledge: Acknowledge | undefined;
}

/** An INVITE that goes out. */
export interface InviteOptions {
  readonly uri: string;
  /** Next hop, where it differs from the URI. */
  readonly proxy: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The offer; '' to let the callee make one. */
  readonly offer: string;
}

/** An INVITE that is out. */
export interface Invitation {
  /** Rejects with {@link Refusal} for any final answer but 200; may never settle when the SIP server is lost. */
  readonly answered: Promise<Answered>;
  /** Repeatable; an answer that comes all the same still arrives and has to be dropped. */
  cancel(): void;
}

/** A 200 to an INVITE of ours. */
export interface Answered {
  readonly response: SipResponse;
  /** Acknowledges it. @param answer the SDP, where the 200 was the offer. */
  accept(answer: string): Promise<SipDialog>;
  /** Hangs up at once: somebody else was faster. */
  drop(): void;
}

/** A final answer that is none to talk about. */
export class Refusal extends Error {
  readonly status: number;
  /** Undefined when none came from the network. */
  readonly response: SipResponse | undefined;

  constructor(status: number, response?: SipResponse, why = '') {
    super(`refused with ${status} ${why}`.trimEnd());
    this.name = 'Refusal';
    this.status = status;
    this.response = response;
  }
}

/** The framework's surface, typed as we use it. */
interface Framework {
  on(event: string, listener: (...args: unknown[]) => void): void;
  connect(options: object): void;
  listen(options: object): void;
  disconnect(): void;
  readonly app: { readonly client: Agent };
  createUAC(
    options: object,
    progress: {
      cbRequest: (error: unknown, sent?: SentRequest) => void;
      cbProvisional: (response: SipResponse) => void;
    },
  ): Promise<FrameworkAnswer>;
  createUAS(request: SipRequest, response: SipResponse, options: object): Promise<SipDialog>;
  request(
    uri: string,
    options: object,
    callback: (error: unknown, request?: SentRequest) => void,
  ): void;
}

interface SentRequest {
  on(event: 'response', listener: (response: SipResponse) => void): void;
  cancel(): void;
}

/** A dialog; or, when the INVITE had no offer, what makes one of the answer for the ACK. */
type FrameworkAnswer =
  | (SipDialog & { readonly res: SipResponse; queueRequests: boolean; readonly sip: object })
  | {
      readonly res: SipResponse;
      readonly sip?: undefined;
      ack(sdp: string): Promise<SipDialog>;
      destroy(): Promise<unknown>;
    };

export type RequestListener = (request: SipRequest, response: SipResponse) => void;

/** RFC 3261 §17.1.2.2: timer F is 32 s; past it the framework has lost the answer. */
const RESPONSE_TIMEOUT_MS = 40_000;
/** The Request-URI of a request inside a dialog: the SIP server knows better (docs/drachtio-wire-protocol.md §5). */
const PEER_OF_DIALOG = 'sip:placeholder';
const RECONNECT = { retryMaxDelay: 5_000 };

/** Every method that can arrive outside of a dialog; a server routes only those that were asked for. */
export const METHODS = [
  'invite',
  'register',
  'message',
  'options',
  'info',
  'subscribe',
  'publish',
  'notify',
  'refer',
  'update',
] as const;
export type Method = (typeof METHODS)[number];

type RoutedFramework = Framework & Record<Method, (listener: RequestListener) => void>;

export class SipApplication {
  readonly #srf: RoutedFramework;
  readonly #log: Log;
  #isConnected = false;

  /**
   * @param listeners for requests outside of a dialog. A method without one is answered 501: nothing is ever answered 200
   * by default.
   */
  constructor(listeners: Partial<Record<Method, RequestListener>>, log: Log) {
    this.#log = log;
    this.#srf = new Srf() as unknown as RoutedFramework;
    for (const method of METHODS)
      this.#srf[method]((request, response) => {
        const listener = listeners[method];
        if (listener === undefined) response.send(501);
        else this.#guard(() => listener(request, response), response);
      });
  }

  /** A bug of ours ends one request with 500, not the process. */
  #guard(work: () => void, response: SipResponse): void {
    try {
      work();
    } catch (cause) {
      this.#log.error('request.failed', { cause: stackOf(cause) });
      if (!response.finalResponseSent) response.send(500);
    }
  }

  /**
   * Connects to a SIP server's control port, and again whenever the connection is lost.
   * @param onLost called each time it is lost: every dialog is gone with it.
   * @throws when the first connection is refused.
   */
  connect(
    server: { readonly host: string; readonly port: number; readonly secret: string },
    onLost: () => void,
  ): Promise<void> {
    const connected = this.#connected(onLost);
    this.#srf.connect({ ...server, reconnect: RECONNECT });
    return connected;
  }

  /**
   * Waits for the SIP server of this process to connect to us: drachtio's outbound mode.
   * @param onLost called each time the connection is lost.
   * @throws when the secret is refused.
   */
  listen(
    from: { readonly pipe: WirePipe; readonly secret: string },
    onLost: () => void,
  ): Promise<void> {
    const connected = this.#connected(onLost);
    const { pipe, secret } = from;
    this.#srf.listen({ server: pipe.server, secret });
    passValues(this.#srf.app.client, pipe, this.#log);
    return connected;
  }

  /** Whether there is a SIP server now. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  #connected(onLost: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#srf.on('error', (cause) =>
        this.#log.warn('sip-server.error', { cause: String(cause) }),
      );
      this.#srf.on('close', () => {
        this.#isConnected = false;
        onLost();
      });
      this.#srf.on('connect', (cause) => {
        if (cause) return reject(asError(cause));
        this.#isConnected = true;
        this.#log.info('sip-server.connected');
        resolve();
      });
    });
  }

  disconnect(): void {
    this.#srf.disconnect();
  }

  /** Sends an INVITE. @param provisional hears of every 1xx. */
  invite(options: InviteOptions, provisional: (response: SipResponse) => void): Invitation {
    let sent: SentRequest | undefined;
    let isCancelled = false;
    const { uri, proxy, headers, offer } = options;
    const legs = this.#srf.createUAC(
      { uri, proxy, headers: { ...headers }, localSdp: offer, noAck: offer === '' },
      {
        cbRequest: (_error, request) => {
          sent = request;
          if (isCancelled) request?.cancel();
        },
        cbProvisional: provisional,
      },
    );
    return {
      answered: legs.then(answerOf, (cause: unknown) => {
        throw refusalOf(cause);
      }),
      cancel: () => {
        if (!isCancelled) sent?.cancel();
        isCancelled = true;
      },
    };
  }

  /** Answers an INVITE with 200. @throws when the caller is gone. */
  accept(
    request: SipRequest,
    response: SipResponse,
    { headers, sdp }: { readonly headers: Readonly<Record<string, string>>; readonly sdp: string },
  ): Promise<SipDialog> {
    const options = { headers: { ...headers }, localSdp: sdp };
    return withTimeout(this.#srf.createUAS(request, response, options), RESPONSE_TIMEOUT_MS);
  }

  /** Sends a request outside of a dialog. @throws when no final response comes. */
  request(uri: string, options: DialogRequest & { readonly proxy?: string }): Promise<SipResponse> {
    const answered = new Promise<SipResponse>((resolve, reject) => {
      this.#srf.request(uri, options, (error, sent) => {
        if (error || sent === undefined) return reject(asError(error));
        sent.on('response', (response) => {
          if (response.status >= 200) resolve(response);
        });
      });
    });
    return withTimeout(answered, RESPONSE_TIMEOUT_MS);
  }

  /**
   * Sends a request inside a dialog that the framework does not know, since its INVITE is not answered.
   * @param dialogId the SIP server's name of it. @throws when no final response comes.
   */
  requestInDialog(dialogId: string, request: DialogRequest): Promise<SipResponse> {
    const options: DialogRequest & { stackDialogId: string } = {
      ...request,
      stackDialogId: dialogId,
    };
    return this.request(PEER_OF_DIALOG, options);
  }
}

/** Sends a request inside a dialog. @throws when no final response comes. */
export function dialogRequest(dialog: SipDialog, request: DialogRequest): Promise<FinalResponse> {
  const answered = new Promise<FinalResponse>((resolve, reject) => {
    const options = request.body ? request : { ...request, noAck: true };
    dialog.request(options, (error, response, acknowledge) => {
      if (error || response === undefined) return reject(asError(error));
      if (response.status >= 200) resolve({ response, acknowledge });
    });
  });
  return withTimeout(answered, RESPONSE_TIMEOUT_MS);
}

/** The framework gives a dialog that is acknowledged, or one that waits for the answer to the callee's offer. */
function answerOf(legs: FrameworkAnswer): Answered {
  const drop = (): void => {
    legs.destroy().catch(() => {});
  };
  if (legs.sip === undefined)
    return { response: legs.res, accept: (answer) => legs.ack(answer), drop };
  // Until the caller acknowledges, nothing that this phone asks for can be passed on.
  legs.queueRequests = true;
  return { response: legs.res, accept: () => Promise.resolve(legs), drop };
}

/** The other leg is there: what this one asked for meanwhile can be passed on. */
export function releaseRequests(dialog: SipDialog): void {
  if ('queueRequests' in dialog) dialog.queueRequests = false;
}

/** A message that could not be sent at all is a 503 (RFC 3261 §8.1.3.1). */
function refusalOf(cause: unknown): Refusal {
  if (typeof cause !== 'object' || cause === null) return new Refusal(503);
  if (!('status' in cause) || typeof cause.status !== 'number') return new Refusal(503);
  const response = 'res' in cause ? (cause.res as SipResponse) : undefined;
  return new Refusal(cause.status, response);
}

/** The ACK to our 200. Rejects when the dialog ends without one. */
export const acknowledged = (dialog: SipDialog): Promise<SipRequest> =>
  new Promise((resolve, reject) => {
    dialog.once('ack', resolve);
    dialog.on('destroy', () => reject(new Refusal(487)));
  });

/** Ends a dialog without waiting: it is gone for us, whatever the phone says. */
export function endDialog(dialog: SipDialog): void {
  if (dialog.connected) dialog.destroy().catch(() => {});
}

function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the SIP server did not answer')), timeoutMs);
    timer.unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

const asError = (cause: unknown): Error =>
  cause instanceof Error ? cause : new Error(`SIP server: ${JSON.stringify(cause)}`);

export const stackOf = (cause: unknown): string =>
  cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
