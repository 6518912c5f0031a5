import { isToken } from './grammar.ts';

/** A header's name twice: `key` to look it up by, `name` to write it. */
export interface HeaderName {
  /** Lower case, compact forms spelt out. */
  readonly key: string;
  readonly name: string;
}

/** Names whose usual spelling is not "a capital after each dash". */
const IRREGULAR = [
  'Call-ID',
  'CSeq',
  'MIME-Version',
  'RAck',
  'RSeq',
  'SIP-ETag',
  'SIP-If-Match',
  'WWW-Authenticate',
];

const REGULAR =
  `Accept Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authentication-Info Authorization
   Call-Info Contact Content-Disposition Content-Encoding Content-Language Content-Length Content-Type Date
   Diversion Error-Info Event Expires From History-Info Info-Package Max-Forwards Min-Expires Min-SE
   P-Asserted-Identity P-Preferred-Identity Path Privacy Proxy-Authenticate Proxy-Authorization Proxy-Require
   Reason Record-Route Recv-Info Refer-To Referred-By Replaces Require Retry-After Route Server
   Service-Route Session-Expires Subject Subscription-State Supported Timestamp To Unsupported User-Agent Via
   Warning`.split(/\s+/);

/** RFC 3261 §7.3.3 and the IANA registry of header fields. */
const COMPACT: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  n: 'Identity-Info',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

const KNOWN: ReadonlyMap<string, HeaderName> = knownNames();

/**
 * Known names get their usual spelling. An unknown one keeps its own, unless it is all lower case, as drachtio-srf
 * writes them: then it gets a capital after each dash.
 */
export const headerName = (written: string): HeaderName => knownName(written) ?? ownName(written);

/** The same of a name that may be none. @returns undefined when it is no token. */
export const readHeaderName = (written: string): HeaderName | undefined =>
  knownName(written) ?? (isToken(written) ? ownName(written) : undefined);

const knownName = (written: string): HeaderName | undefined =>
  KNOWN.get(written) ?? KNOWN.get(written.toLowerCase());

function ownName(written: string): HeaderName {
  const key = written.toLowerCase();
  return { key, name: key === written ? capitalised(key) : written };
}

function knownNames(): ReadonlyMap<string, HeaderName> {
  const known = new Map<string, HeaderName>();
  for (const name of [...IRREGULAR, ...REGULAR]) {
    const entry = { key: name.toLowerCase(), name };
    known.set(name, entry);
    known.set(entry.key, entry);
  }
  for (const [compact, name] of Object.entries(COMPACT)) {
    const entry = { key: name.toLowerCase(), name };
    known.set(compact, known.get(entry.key) ?? entry);
  }
  return known;
}

function capitalised(key: string): string {
  const words = key.split('-');
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('-');
}
