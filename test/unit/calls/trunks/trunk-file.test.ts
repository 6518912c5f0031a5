import { describe, expect, test } from '@jest/globals';
import {
  HOPS_MAX,
  PREFIXES_MAX,
  RANGES_MAX,
  TRUNKS_MAX,
  TrunkFileError,
  parseTrunks,
} from '../../../../src/calls/trunks/trunk-file.ts';

const MD5 = '0'.repeat(32);
const TRUNK = {
  name: 'carrier',
  from: ['192.0.2.0/24'],
  prefixes: [{ prefix: '+', strip: 1, prepend: '00' }],
  nextHops: ['sip:192.0.2.1', 'sip:sbc.example:5080;transport=tcp', 'sip:[2001:db8::1]:5060'],
};
const file = (with_: object, top: object = {}): unknown => ({
  ...top,
  trunks: [{ ...TRUNK, ...with_ }],
});

test('a file is read, with what is left out as usual', () => {
  const { trunks, plan, keepAlive } = parseTrunks(file({}, { countryCode: '49' }));
  expect(plan).toEqual({ countryCode: '49', nationalPrefix: '0', internationalPrefix: '00' });
  expect(keepAlive).toEqual({ seconds: 30, failures: 3 });
  expect(trunks[0]).toMatchObject({
    name: 'carrier',
    prefixes: [{ prefix: '+', strip: 1, prepend: '00' }],
    nextHops: [
      { host: '192.0.2.1', port: 5_060, transport: 'udp' },
      { host: 'sbc.example', port: 5_080, transport: 'tcp' },
      { host: '[2001:db8::1]', port: 5_060, transport: 'udp' },
    ],
    inboundDigest: undefined,
    transit: false,
    plan: { countryCode: '49', nationalPrefix: '0', internationalPrefix: '00' },
  });
});

test('a trunk may have a plan, and secrets, of its own', () => {
  const ha1 = { md5: MD5 };
  const digests = {
    inboundDigest: { user: 'them', ha1 },
    outboundDigest: { user: 'us', realm: 'r', ha1 },
  };
  const { trunks } = parseTrunks(file({ countryCode: '1', ...digests }, { countryCode: '49' }));
  expect(trunks[0]?.plan.countryCode).toBe('1');
  expect(trunks[0]?.inboundDigest).toEqual({ user: 'them', ha1: { MD5, 'SHA-256': '' } });
  expect(trunks[0]?.outboundDigest?.realm).toBe('r');
});

describe('a wrong file names what is wrong', () => {
  test.each<[unknown, string]>([
    ['text', 'the file is no object'],
    [{}, 'trunks has to be'],
    [{ trunks: [], trunk: [] }, 'trunk: there is no such field'],
    [{ trunks: [[]] }, 'trunks[0] is no object'],
    [{ trunks: [{}] }, 'trunks[0].name has to be'],
    [file({ name: 'a b' }), 'trunks[0].name has to be'],
    [file({ from: ['nowhere'] }), 'trunks[0].from[0] has to be an address'],
    [file({ nextHops: ['sip:x:70000'] }), 'trunks[0].nextHops[0] has to be a URI'],
    [file({ nextHops: ['sip:x;transport=sctp'] }), 'trunks[0].nextHops[0] has to be a URI'],
    [file({ nextHops: [] }), 'trunks[0].nextHops: numbers are sent to it, but where?'],
    [file({ prefixes: [{ prefix: 'x' }] }), 'trunks[0].prefixes[0].prefix has to be'],
    [file({ prefixes: [{ prefix: '+', strip: -1 }] }), 'trunks[0].prefixes[0].strip has to be'],
    [file({ transit: 'yes' }), 'trunks[0].transit has to be true or false'],
    [file({ countryCode: '+49' }), 'trunks[0].countryCode has to be'],
    [file({ inboundDigest: { user: 'x', ha1: { md5: 'z' } } }), 'trunks[0].inboundDigest.ha1.md5'],
    [file({ outboundDigest: { user: 'x', ha1: {} } }), 'trunks[0].outboundDigest.realm has to be'],
    [file({}, { keepAlive: { seconds: 3_601 } }), 'keepAlive.seconds has to be'],
    [{ trunks: [TRUNK, TRUNK] }, 'there are two trunks named carrier'],
  ])('%j', (content, message) => {
    expect(() => parseTrunks(content)).toThrow(TrunkFileError);
    expect(() => parseTrunks(content)).toThrow(message);
  });
});

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_each, index) => make(index));

test.each<[string, number, (count: number) => unknown]>([
  ['trunks', TRUNKS_MAX, (count) => ({ trunks: many(count, (n) => ({ name: `t${n}` })) })],
  ['from', RANGES_MAX, (count) => file({ from: many(count, () => '192.0.2.1') })],
  ['prefixes', PREFIXES_MAX, (count) => file({ prefixes: many(count, () => ({ prefix: '+' })) })],
  ['nextHops', HOPS_MAX, (count) => file({ nextHops: many(count, () => 'sip:192.0.2.1') })],
])('%s: %d, and not one more', (_name, max, make) => {
  expect(() => parseTrunks(make(max))).not.toThrow();
  expect(() => parseTrunks(make(max + 1))).toThrow(TrunkFileError);
});
