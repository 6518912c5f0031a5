/**
 * Structured events with ids: `log.info('call.answered', { callId })`. Implemented by winston in app.ts, by an
 * array in tests. Never called per packet.
 */
export interface Log {
  info(event: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(event: string, facts?: Readonly<Record<string, unknown>>): void;
  error(event: string, facts?: Readonly<Record<string, unknown>>): void;
}

export const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };
