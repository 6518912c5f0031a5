import type { Kind } from './probe.ts';

/**
 * Where the embedded server and drachtio-server (v0.9.10) are known to differ: what each does, and why the embedded one does
 * not follow. A probe asserts both columns, so that a difference that goes away breaks this table.
 */
export const DIFFERENCES = {
  'body of 8,193 bytes': {
    embedded: 513,
    drachtio: 400,
    why: 'RFC 3261 §21.5.7 has a status for it',
  },
  'CANCEL after the 200': {
    embedded: 200,
    drachtio: 481,
    why: 'RFC 3261 §9.2: it is answered 200 and has no effect',
  },
  'INFO in an unknown dialog': {
    embedded: 481,
    drachtio: 'shown',
    why: 'RFC 3261 §12.2.2; drachtio-server takes it for a new request',
  },
  'CSeq out of order': { embedded: 500, drachtio: 'shown', why: 'RFC 3261 §12.2.2' },
  'INFO in an early dialog': {
    embedded: 'in its dialog',
    drachtio: 'outside',
    why: 'the application must know which call it belongs to',
  },
  'the other fork answers too': {
    embedded: 'its own tag, and BYE',
    drachtio: 'the first tag',
    why: 'RFC 3261 §13.2.2.4: each 2xx is acknowledged, those not wanted are ended',
  },
  're-INVITE answered 180 then 200': {
    embedded: '200',
    drachtio: 'lost',
    why: 'a defect there (its issues 151 and 350)',
  },
  'the application is gone': {
    embedded: 'BYE',
    drachtio: 'silence',
    why: 'nobody is left to end the call',
  },
  'a verb that nobody wants': {
    embedded: 405,
    drachtio: 503,
    why: 'RFC 3261 §8.2.1: the method is not allowed here, however long one waits',
  },
  'one verb is not wanted any more': {
    embedded: 'that one',
    drachtio: 'all',
    why: 'a defect there: the others were not given up',
  },
} as const satisfies Record<
  string,
  { embedded: number | string; drachtio: number | string; why: string }
>;

/** What this server is known to do. */
export const known = (what: keyof typeof DIFFERENCES, kind: Kind): number | string =>
  DIFFERENCES[what][kind];
