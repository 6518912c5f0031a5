/** What became of a message: a status with its phrase, or one of these words; several are joined by commas. */
export type Outcome = string;

export interface TortureCase {
  readonly section: string;
  readonly name: string;
  readonly title: string;
  /** What RFC 4475 asks for or permits, the first by preference; statuses without phrase. */
  readonly asked: readonly Outcome[];
  /** What the server does, over UDP. */
  readonly ours: Outcome;
  /** Over TCP, where it differs. */
  readonly overTcp?: Outcome;
}

const PASSED = 'passed on';
/** A response that belongs to no transaction of ours: it was read, and that is all. */
const STRAY = 'stray response';
const DROPPED = 'dropped';
/** More bytes must come. */
const WAITS = '';

type Row = readonly [
  section: string,
  name: string,
  title: string,
  asked: readonly Outcome[],
  ours: Outcome,
  overTcp?: Outcome,
];

const ROWS: readonly Row[] = [
  // Its To has a tag: it is read, and belongs to no dialog of ours (RFC 3261 §12.2.2).
  ['3.1.1.1', 'wsinv', 'a short tortuous INVITE', ['481'], '481 Call/Transaction Does Not Exist'],
  ['3.1.1.2', 'intmeth', 'wide range of valid characters', ['501', '405'], '501 Not Implemented'],
  ['3.1.1.3', 'esc01', 'valid use of the % escaping mechanism', [PASSED], PASSED],
  ['3.1.1.4', 'escnull', 'escaped nulls in URIs', [PASSED], PASSED],
  ['3.1.1.5', 'esc02', 'use of % when it is not an escape', ['501', '405'], '501 Not Implemented'],
  ['3.1.1.6', 'lwsdisp', 'no LWS between display name and <', [PASSED], PASSED],
  ['3.1.1.7', 'longreq', 'long values in header fields', [PASSED], PASSED],
  // On a stream the octets are a message: an INVITE without Contact, whose length leaves some behind.
  [
    '3.1.1.8',
    'dblreq',
    'extra trailing octets',
    [PASSED],
    PASSED,
    `${PASSED}, 400 Contact Missing, ${DROPPED}, closed`,
  ],
  ['3.1.1.9', 'semiuri', 'semicolon-separated parameters in the user part', [PASSED], PASSED],
  ['3.1.1.10', 'transports', 'varied and unknown transports', [PASSED], PASSED],
  ['3.1.1.11', 'mpart01', 'multipart MIME message', [PASSED], PASSED],
  ['3.1.1.12', 'unreason', 'unusual reason phrase', [STRAY], STRAY],
  ['3.1.1.13', 'noreason', 'empty reason phrase', [STRAY], STRAY],
  ['3.1.2.1', 'badinv01', 'extraneous header separators', ['400'], '400 Via Malformed'],
  [
    '3.1.2.2',
    'clerr',
    'Content-Length larger than the message',
    ['400', WAITS],
    '400 Body Shorter Than Content-Length',
    WAITS,
  ],
  [
    '3.1.2.3',
    'ncl',
    'negative Content-Length',
    ['400'],
    '400 Content-Length Malformed or Given Twice',
    '400 Content-Length Missing, Malformed or Given Twice, closed',
  ],
  [
    '3.1.2.4',
    'scalar02',
    'request scalar fields with overlarge values',
    ['400'],
    '400 CSeq Missing, Malformed, Given Twice or of Another Method',
  ],
  ['3.1.2.5', 'scalarlg', 'response scalar fields with overlarge values', [DROPPED], DROPPED],
  [
    '3.1.2.6',
    'quotbal',
    'unterminated quoted string in a display name',
    ['400'],
    '400 To Missing, Malformed or Given Twice',
  ],
  [
    '3.1.2.7',
    'ltgtruri',
    '<> enclosing the Request-URI',
    ['400', PASSED],
    '400 Malformed Request-Line',
  ],
  ['3.1.2.8', 'lwsruri', 'LWS in the Request-URI', ['400', PASSED], '400 Malformed Request-Line'],
  [
    '3.1.2.9',
    'lwsstart',
    'multiple SP in the Request-Line',
    ['400', PASSED],
    '400 Malformed Request-Line',
  ],
  [
    '3.1.2.10',
    'trws',
    'SP at the end of the Request-Line',
    ['400', PASSED],
    '400 Malformed Request-Line',
  ],
  [
    '3.1.2.11',
    'escruri',
    'escaped headers in the Request-URI',
    ['400', PASSED],
    '400 Headers in the Request-URI',
  ],
  ['3.1.2.12', 'baddate', 'invalid time zone in Date', [PASSED, '400'], PASSED],
  [
    '3.1.2.13',
    'regbadct',
    'name-addr URI not enclosed in <>',
    ['400', PASSED],
    '400 Malformed Contact',
  ],
  ['3.1.2.14', 'badaspec', 'spaces within addr-spec', ['400', PASSED], PASSED],
  ['3.1.2.15', 'baddn', 'non-token characters in a display name', ['400', PASSED], PASSED],
  ['3.1.2.16', 'badvers', 'unknown protocol version', ['505'], '505 Version Not Supported'],
  [
    '3.1.2.17',
    'mismatch01',
    'start line and CSeq method mismatch',
    ['400'],
    '400 CSeq Missing, Malformed, Given Twice or of Another Method',
  ],
  [
    '3.1.2.18',
    'mismatch02',
    'unknown method with CSeq method mismatch',
    ['501', '400'],
    '501 Not Implemented',
  ],
  ['3.1.2.19', 'bigcode', 'overlarge response code', [DROPPED], DROPPED],
  ['3.2.1', 'badbranch', 'missing transaction identifier', ['400', PASSED], PASSED],
  [
    '3.3.1',
    'insuf',
    'missing required header fields',
    ['400', DROPPED],
    '400 From Missing, Malformed or Given Twice',
  ],
  ['3.3.2', 'unkscm', 'Request-URI with unknown scheme', ['416'], '416 Unsupported URI Scheme'],
  [
    '3.3.3',
    'novelsc',
    'Request-URI with known but atypical scheme',
    ['416', '404'],
    '416 Unsupported URI Scheme',
  ],
  [
    '3.3.4',
    'unksm2',
    'unknown URI schemes in header fields',
    ['400'],
    '400 To Is Not a SIP Address',
  ],
  ['3.3.5', 'bext01', 'Proxy-Require and Require', ['420'], '420 Bad Extension'],
  ['3.3.6', 'invut', 'unknown Content-Type', ['415'], '415 Unsupported Media Type'],
  // The challenge is the registrar's: src/calls.
  ['3.3.7', 'regaut01', 'unknown authorization scheme', [PASSED, '401', '405'], PASSED],
  [
    '3.3.8',
    'multi01',
    'multiple values in single-value required fields',
    ['400'],
    '400 From Missing, Malformed or Given Twice',
  ],
  [
    '3.3.9',
    'mcl01',
    'multiple Content-Length values',
    ['400'],
    '400 Content-Length Malformed or Given Twice',
    '400 Content-Length Missing, Malformed or Given Twice, closed',
  ],
  ['3.3.10', 'bcast', '200 OK response with broadcast Via', [STRAY, DROPPED], STRAY],
  // A proxy would answer 483; who the request is for answers it.
  ['3.3.11', 'zeromf', 'Max-Forwards of zero', [PASSED, '483'], PASSED],
  ['3.3.12', 'cparam01', 'REGISTER with a Contact header parameter', [PASSED], PASSED],
  ['3.3.13', 'cparam02', 'REGISTER with a url-parameter', [PASSED], PASSED],
  ['3.3.14', 'regescrt', 'REGISTER with a URL escaped header', [PASSED], PASSED],
  ['3.3.15', 'sdp01', 'unacceptable Accept offering', ['406', '400'], '406 Not Acceptable'],
  [
    '3.4.1',
    'inv2543',
    'INVITE with RFC 2543 syntax',
    [PASSED],
    '400 From Without a Tag',
    '400 Content-Length Missing, Malformed or Given Twice, closed',
  ],
];

/** All messages of RFC 4475 §3, in its order. */
export const TORTURE: readonly TortureCase[] = ROWS.map(
  ([section, name, title, asked, ours, overTcp]) => ({
    section,
    name,
    title,
    asked,
    ours,
    ...(overTcp === undefined ? {} : { overTcp }),
  }),
);
