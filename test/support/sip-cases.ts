/** One row for each form that RFC 3261 gives: the unit tests read and write them, the property tests start from them. */

interface UriCase {
  readonly text: string;
  readonly uri: {
    readonly scheme: 'sip' | 'sips';
    readonly user: string | undefined;
    readonly host: string;
    readonly port: number | undefined;
    readonly params: readonly (readonly [string, string])[];
    readonly headers: string;
  };
}

const PLAIN = { scheme: 'sip', user: undefined, port: undefined, params: [], headers: '' } as const;

/** RFC 3261 §19.1.3 and the forms that phones behind NAT use. */
export const URIS: readonly UriCase[] = [
  { text: 'sip:atlanta.com', uri: { ...PLAIN, host: 'atlanta.com' } },
  { text: 'sip:alice@atlanta.com', uri: { ...PLAIN, user: 'alice', host: 'atlanta.com' } },
  {
    text: 'sip:alice:secretword@atlanta.com;transport=tcp',
    uri: {
      ...PLAIN,
      user: 'alice:secretword',
      host: 'atlanta.com',
      params: [['transport', 'tcp']],
    },
  },
  {
    text: 'sips:alice@atlanta.com?subject=project%20x&priority=urgent',
    uri: {
      ...PLAIN,
      scheme: 'sips',
      user: 'alice',
      host: 'atlanta.com',
      headers: 'subject=project%20x&priority=urgent',
    },
  },
  {
    text: 'sip:+1-212-555-1212:1234@gateway.com;user=phone',
    uri: {
      ...PLAIN,
      user: '+1-212-555-1212:1234',
      host: 'gateway.com',
      params: [['user', 'phone']],
    },
  },
  {
    text: 'sip:alice@192.0.2.4:5070',
    uri: { ...PLAIN, user: 'alice', host: '192.0.2.4', port: 5070 },
  },
  {
    text: 'sip:alice;day=tuesday@atlanta.com',
    uri: { ...PLAIN, user: 'alice;day=tuesday', host: 'atlanta.com' },
  },
  {
    text: 'sip:bob@[2001:db8::10]:5070;lr',
    uri: { ...PLAIN, user: 'bob', host: '2001:db8::10', port: 5070, params: [['lr', '']] },
  },
];

export const URIS_BAD: readonly (readonly [string, string])[] = [
  ['', 'bad-scheme'],
  ['tel:+12125551212', 'bad-scheme'],
  ['sip', 'bad-scheme'],
  ['sip:', 'bad-host'],
  ['sip:@host', 'bad-user'],
  ['sip:a@b@c', 'bad-user'],
  ['sip:a b@host', 'bad-user'],
  ['sip:a@host>', 'bad-user'],
  ['sip:a@ho/st', 'bad-host'],
  ['sip:a@[::1', 'bad-host'],
  ['sip:a@[]', 'bad-host'],
  ['sip:a@host:0', 'bad-port'],
  ['sip:a@host:65536', 'bad-port'],
  ['sip:a@host:', 'bad-port'],
  ['sip:a@host:5x', 'bad-port'],
  ['sip:a@host;', 'bad-params'],
  ['sip:a@host;=x', 'bad-params'],
  ['sip:a@host;a="b', 'bad-user'],
];

interface NameAddrCase {
  readonly text: string;
  readonly display: string;
  readonly uri: string;
  readonly params: readonly (readonly [string, string])[];
}

/** RFC 3261 §20.10, §20.20 and §20.39. */
export const NAME_ADDRS: readonly NameAddrCase[] = [
  {
    text: '"Mr. Watson" <sip:watson@worcester.bell-telephone.com>;q=0.7;expires=3600',
    display: '"Mr. Watson"',
    uri: 'sip:watson@worcester.bell-telephone.com',
    params: [
      ['q', '0.7'],
      ['expires', '3600'],
    ],
  },
  {
    text: 'sip:c8oqz84zk7z@privacy.org;tag=hyh8',
    display: '',
    uri: 'sip:c8oqz84zk7z@privacy.org',
    params: [['tag', 'hyh8']],
  },
  {
    text: 'Anonymous <sip:c8@privacy.org>',
    display: 'Anonymous',
    uri: 'sip:c8@privacy.org',
    params: [],
  },
  {
    text: 'The Operator <sip:operator@cs.columbia.edu>;tag=287447',
    display: 'The Operator',
    uri: 'sip:operator@cs.columbia.edu',
    params: [['tag', '287447']],
  },
  {
    text: '<sip:alice@a.com;transport=tcp>;+sip.instance="<urn:uuid:1;2>"',
    display: '',
    uri: 'sip:alice@a.com;transport=tcp',
    params: [['+sip.instance', '"<urn:uuid:1;2>"']],
  },
  {
    text: '"quote \\" <sip:not@this>" <sip:but@that>',
    display: '"quote \\" <sip:not@this>"',
    uri: 'sip:but@that',
    params: [],
  },
  { text: '<tel:+358-555-1234567>', display: '', uri: 'tel:+358-555-1234567', params: [] },
];

export const NAME_ADDRS_BAD: readonly string[] = [
  '',
  '*',
  'alice',
  '<sip:alice',
  '"open <sip:a@b>',
  '"closed" more <sip:a@b>',
  'half" <sip:a@b>',
  '<sip:a@b> tag=x',
  '<sip:a b@c>',
  '<>',
  'sip:a@b, sip:c@d',
  'sip:a@b,sip:c@d',
  'sip:a@b?subject=x',
];

interface ViaCase {
  readonly text: string;
  readonly written: string;
  readonly via: {
    readonly protocol: string;
    readonly host: string;
    readonly port: number | undefined;
    readonly params: readonly (readonly [string, string])[];
  };
}

/** RFC 3261 §20.42, with its spaces. */
export const VIAS: readonly ViaCase[] = [
  {
    text: 'SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7',
    written: 'SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7',
    via: {
      protocol: 'UDP',
      host: 'erlang.bell-telephone.com',
      port: 5060,
      params: [['branch', 'z9hG4bK87asdks7']],
    },
  },
  {
    text: 'SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1',
    written: 'SIP/2.0/UDP first.example.com:4000;ttl=16;maddr=224.2.0.1;branch=z9hG4bKa7c6a8dlze.1',
    via: {
      protocol: 'UDP',
      host: 'first.example.com',
      port: 4000,
      params: [
        ['ttl', '16'],
        ['maddr', '224.2.0.1'],
        ['branch', 'z9hG4bKa7c6a8dlze.1'],
      ],
    },
  },
  {
    text: 'SIP/2.0/TCP [2001:db8::9:1];rport;branch=z9hG4bK1',
    written: 'SIP/2.0/TCP [2001:db8::9:1];rport;branch=z9hG4bK1',
    via: {
      protocol: 'TCP',
      host: '2001:db8::9:1',
      port: undefined,
      params: [
        ['rport', ''],
        ['branch', 'z9hG4bK1'],
      ],
    },
  },
];

export const VIAS_BAD: readonly string[] = [
  '',
  'SIP/2.0/UDP',
  'SIP/2.0/UDP ',
  'SIP/1.0/UDP host',
  'SIP/2.0 host',
  'SIP/2.0/UDP host:0',
  'SIP/2.0/UDP host;;',
  'SIP/2.0/UDP ho st',
  'SIP/2.0/UDP host;branch="x',
];

/** An INVITE as in RFC 3261 §24.2, and the same compact, folded and oddly spaced. */
export const INVITE = [
  'INVITE sip:bob@biloxi.com SIP/2.0',
  'Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8',
  'Max-Forwards: 70',
  'To: Bob <sip:bob@biloxi.com>',
  'From: Alice <sip:alice@atlanta.com>;tag=1928301774',
  'Call-ID: a84b4c76e66710',
  'CSeq: 314159 INVITE',
  'Contact: <sip:alice@pc33.atlanta.com>',
  'Content-Type: application/sdp',
  'Content-Length: 5',
  '',
  'v=0\r\n',
].join('\r\n');

export const INVITE_ODD = [
  'INVITE sip:bob@biloxi.com SIP/2.0',
  'v:SIP/2.0/UDP pc33.atlanta.com',
  '\t;branch=z9hG4bKnashds8',
  'MAX-FORWARDS :70',
  't:   Bob',
  '   <sip:bob@biloxi.com>',
  'f: Alice <sip:alice@atlanta.com>;tag=1928301774',
  'i: a84b4c76e66710',
  'cseq:  314159   INVITE ',
  'm: <sip:alice@pc33.atlanta.com>',
  'c: application/sdp',
  'l: 5',
  '',
  'v=0\r\n',
].join('\r\n');

export const RESPONSE = [
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8;received=192.0.2.1',
  'To: Bob <sip:bob@biloxi.com>;tag=a6c85cf',
  'From: Alice <sip:alice@atlanta.com>;tag=1928301774',
  'Call-ID: a84b4c76e66710',
  'CSeq: 314159 INVITE',
  'Contact: <sip:bob@192.0.2.4>',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

export const MESSAGES: readonly string[] = [INVITE, INVITE_ODD, RESPONSE];
