import { ERROR_STATUS, MidcallError, type ErrorCode, type ErrorFacts } from '../base/errors.ts';
import type { MediaEvent, MediaPlane } from '../transfers/media-plane.ts';

/**
 * What crosses between the main thread and the media thread: calls and their answers, events, log lines. No packets. The verbs
 * are the methods of MediaPlane, so that both sides are checked against one contract.
 */
export type Verb = Exclude<keyof MediaPlane, 'listen'>;

export type Request = {
  readonly [V in Verb]: {
    readonly type: 'request';
    /** Chosen by the caller; its answer carries it. */
    readonly id: number;
    readonly verb: V;
    readonly args: Parameters<MediaPlane[V]>;
  };
}[Verb];

export type Reply =
  | { readonly type: 'reply'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly type: 'reply'; readonly id: number; readonly ok: false; readonly error: SentError };

export type FromThread =
  | Reply
  /** It can be asked. */
  | { readonly type: 'ready' }
  | { readonly type: 'events'; readonly events: readonly MediaEvent[] }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly event: string;
      readonly facts: Readonly<Record<string, unknown>>;
    };

/** A MidcallError as it crosses; other errors become `storage-unavailable`, which is what they mean to a caller. */
export interface SentError {
  readonly code: ErrorCode;
  readonly text: string;
  readonly facts: ErrorFacts;
}

export function sentError(error: unknown): SentError {
  if (error instanceof MidcallError) {
    return { code: error.code, text: error.message, facts: error.facts };
  }
  return { code: 'storage-unavailable', text: String(error), facts: {} };
}

export function receivedError({ code, text, facts }: SentError): MidcallError {
  const known = code in ERROR_STATUS ? code : 'storage-unavailable';
  return new MidcallError(known, text, { facts });
}

type Run = {
  readonly [V in Verb]: (
    plane: MediaPlane,
    args: Parameters<MediaPlane[V]>,
  ) => ReturnType<MediaPlane[V]>;
};

const RUN: Run = {
  openRelay: (plane, args) => plane.openRelay(...args),
  setRelayRemote: (plane, args) => plane.setRelayRemote(...args),
  setRelayVoice: (plane, args) => plane.setRelayVoice(...args),
  playPrompt: (plane, args) => plane.playPrompt(...args),
  closeRelay: (plane, args) => plane.closeRelay(...args),
  openIngest: (plane, args) => plane.openIngest(...args),
  confirmIngest: (plane, args) => plane.confirmIngest(...args),
  endIngest: (plane, args) => plane.endIngest(...args),
  closeIngest: (plane, args) => plane.closeIngest(...args),
  openDelivery: (plane, args) => plane.openDelivery(...args),
  startDelivery: (plane, args) => plane.startDelivery(...args),
  closeDelivery: (plane, args) => plane.closeDelivery(...args),
  counts: (plane, args) => plane.counts(...args),
  close: (plane, args) => plane.close(...args),
};

function run<V extends Verb>(
  plane: MediaPlane,
  verb: V,
  args: Parameters<MediaPlane[V]>,
): Promise<unknown> {
  return RUN[verb](plane, args);
}

/** Runs a request. Never rejects: what goes wrong is the answer. */
export async function answer(plane: MediaPlane, request: Request): Promise<Reply> {
  const { id } = request;
  try {
    const value: unknown = await run(plane, request.verb, request.args);
    return { type: 'reply', id, ok: true, value };
  } catch (error) {
    return { type: 'reply', id, ok: false, error: sentError(error) };
  }
}
