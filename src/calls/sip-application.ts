import Srf from 'drachtio-srf';
import type { Log } from '../base/log.ts';

/**
 * The one place that touches drachtio-srf. It hides the framework's defects (docs/drachtio-wire-protocol.md §8): promises that
 * never settle when the control connection dies, answers given by default, responses taken for final when they are not.
 */

/** The part of a drachtio-srf message that we use. */
interface SipMessage {
  readonly body: string;
  has(header: string): boolean;
  get(header: string): string;
}

export interface SipRequest extends SipMessage {
  readonly method: string;
  readonly uri: string;
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  getParsedHeader(header: 'from' | 'to'): { readonly name?: string; readonly uri: string };
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

export interface B2buaOptions {
  readonly uri: string;
  /** Next hop, where it differs from the URI. */
  readonly proxy: string;
  readonly headers: Record<string, string>;
  /** Of each answer to the caller, by the callee's. */
  readonly responseHeaders: (answer: SipResponse) => Record<string, string>;
  readonly proxyRequestHeaders: readonly string[];
  readonly proxyResponseHeaders: readonly string[];
  /** The offer for the callee; or, when the caller made none, what turns the caller's answer in the ACK into the callee's. */
  readonly localSdpB: string | ((answer: string) => Promise<string>);
  /** Turns the callee's SDP into the caller's. */
  readonly localSdpA: (sdp: string, response: SipResponse) => Promise<string>;
}

/** The framework's surface, typed as we use it. */
interface Framework {
  on(event: string, listener: (...args: unknown[]) => void): void;
  connect(options: object): void;
  disconnect(): void;
  createB2BUA(
    request: SipRequest,
    response: SipResponse,
    uri: string,
    options: object,
    progress: { cbProvisional: (response: SipResponse) => void },
  ): Promise<{ uas: SipDialog; uac: SipDialog & { readonly res: SipResponse } }>;
  request(
    uri: string,
    options: object,
    callback: (error: unknown, request?: SentRequest) => void,
  ): void;
}

interface SentRequest {
  on(event: 'response', listener: (response: SipResponse) => void): void;
}

export type RequestListener = (request: SipRequest, response: SipResponse) => void;

/** RFC 3261 §17.1.2.2: timer F is 32 s; past it the framework has lost the answer. */
const RESPONSE_TIMEOUT_MS = 40_000;
/** A caller may let it ring for minutes; RFC 3261 §16.6: timer C is over three minutes. */
const SETUP_TIMEOUT_MS = 200_000;
const RECONNECT = { retryMaxDelay: 5_000 };

/** Every method that can arrive outside of a dialog; a server routes only those that were asked for. */
const METHODS = [
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
    return new Promise((resolve, reject) => {
      this.#srf.on('error', (cause) =>
        this.#log.warn('sip-server.error', { cause: String(cause) }),
      );
      this.#srf.on('close', () => onLost());
      this.#srf.on('connect', (cause) => {
        if (cause) return reject(asError(cause));
        this.#log.info('sip-server.connected');
        resolve();
      });
      this.#srf.connect({ ...server, reconnect: RECONNECT });
    });
  }

  disconnect(): void {
    this.#srf.disconnect();
  }

  /** Both legs of a call. @throws the framework's error with a `status` when the callee refused; the caller was answered then. */
  async connectLegs(
    request: SipRequest,
    response: SipResponse,
    options: B2buaOptions,
  ): Promise<{ caller: SipDialog; callee: SipDialog; answer: SipResponse | undefined }> {
    const { uri, ...rest } = options;
    const legs = this.#srf.createB2BUA(request, response, uri, rest, { cbProvisional: () => {} });
    const { uas, uac } = await withTimeout(legs, SETUP_TIMEOUT_MS);
    return { caller: uas, callee: uac, answer: uac.res };
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

/** What the framework keeps behind a response. */
interface ResponseInside {
  readonly msg: { status: number; reason: string };
  readonly agent: { sendResponse(response: SipResponse, options: object): void };
  finished: boolean;
}

/**
 * Sends any status. The framework's own `send` throws at those missing from its list, such as 469 (RFC 6086); what a phone
 * answered is passed on as it is. A second final response is the framework's to refuse, so it is not sent.
 */
export function respondWith(
  response: SipResponse,
  status: number,
  reason: string,
  options: { headers: Record<string, string>; body?: string },
): void {
  if (response.finalResponseSent) return;
  const inside = response as unknown as ResponseInside;
  inside.msg.status = status;
  inside.msg.reason = reason;
  inside.agent.sendResponse(response, options);
  inside.finished = status >= 200;
}

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
