import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCSeq } from '../../src/sip/cseq.ts';
import { readEnvelope } from '../../src/sip/envelope.ts';
import { splitList } from '../../src/sip/header-list.ts';
import { parseMessage } from '../../src/sip/message-parser.ts';
import { writeMessage } from '../../src/sip/message-writer.ts';
import { parseNameAddr, writeNameAddr } from '../../src/sip/name-addr.ts';
import { parseParams, writeParams } from '../../src/sip/params.ts';
import { parseUri, writeUri } from '../../src/sip/uri.ts';
import { parseVia, writeVia } from '../../src/sip/via.ts';
import type { Result } from '../../src/base/result.ts';
import { anyText } from '../support/any-text.ts';
import { MESSAGES, NAME_ADDRS, URIS, VIAS } from '../support/sip-cases.ts';
import { takesLessThan } from '../support/quickly.ts';
import { runs } from '../support/runs.ts';

const AWKWARD = Array.from('";<>:@,=%\\\r\n\t \0[]()/?|\u00ff1a');

/** A text that was right, with some of its characters changed, left out, doubled or swapped for awkward ones. */
const mutated = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...AWKWARD)), { maxLength: 6 }),
    )
    .map(([text, changes]) => changes.reduce(change, text));

function change(text: string, [where, kind, char]: readonly [number, number, string]): string {
  const at = where % (text.length + 1);
  const [before, here, after] = [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)];
  if (kind === 0) return before + after;
  if (kind === 1) return before + here + here + after;
  return kind === 2 ? before + char + after : before + char + here + after;
}

const texts = (seeds: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(mutated(seeds), anyText(), fc.string({ unit: 'grapheme-ascii' }));

/** What was read and written reads the same again. */
function roundTrips<T>(
  seeds: readonly string[],
  parse: (text: string) => Result<T>,
  write: (value: T) => string,
): void {
  fc.assert(
    fc.property(texts(seeds), (text) => {
      const first = parse(text);
      if (first.ok) expect(parse(write(first.value))).toEqual(first);
    }),
    { numRuns: runs(1_000) },
  );
}

describe('never throws, and round trips', () => {
  test('URI', () => {
    roundTrips(
      URIS.map(({ text }) => text),
      parseUri,
      writeUri,
    );
  });

  test('Via', () => {
    roundTrips(
      VIAS.map(({ text }) => text),
      parseVia,
      writeVia,
    );
  });

  test('From, To, Contact', () => {
    roundTrips(
      NAME_ADDRS.map(({ text }) => text),
      parseNameAddr,
      writeNameAddr,
    );
  });

  test('parameters', () => {
    roundTrips([';a=b;c', ';x="y;z";lr'], (text) => parseParams(text, 0), writeParams);
  });

  test('CSeq', () => {
    roundTrips(['1 INVITE', '2147483647 ACK'], parseCSeq, (it) => `${it.sequence} ${it.method}`);
  });

  test.each(['honoured', 'ignored'] as const)('messages, Content-Length %s', (rule) => {
    fc.assert(
      fc.property(texts(MESSAGES), (text) => {
        const first = parseMessage(Buffer.from(text, 'latin1'), rule);
        if (!first.ok) return;
        const again = parseMessage(writeMessage(first.value), 'honoured');
        expect(again.ok && writeMessage(again.value)).toEqual(writeMessage(first.value));
        readEnvelope(first.value);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('lists: no element is empty, and none has a comma outside quotes and brackets', () => {
    fc.assert(
      fc.property(texts(['<sip:a,b@c>, "x, y" <sip:d>;q=1,e']), (text) => {
        const parts = splitList(text);
        expect(parts.filter((part) => part === '')).toEqual([]);
        for (const part of parts) expect(splitList(part)).toEqual([part]);
      }),
    );
  });
});

describe('costs time in proportion to the length', () => {
  const hostile = [';', ' ', '"\\', 'a=', ',', '<', '\t;', '=', '\r\n ', 'x:'];

  test.each(hostile)('of %j repeated', (unit) => {
    const text = unit.repeat(16_000 / unit.length);
    const readAll = (): void => {
      parseUri(`sip:${text}`);
      parseVia(`SIP/2.0/UDP ${text}`);
      parseVia(`SIP${text}`);
      parseNameAddr(text);
      parseNameAddr(`<sip:a@b>${text}`);
      splitList(text);
      parseCSeq(`1${text}`);
      parseMessage(Buffer.from(`A b SIP/2.0\r\nX: ${text}\r\n\r\n`), 'ignored');
    };
    // Quadratic time would be seconds.
    expect(takesLessThan(250, readAll)).toBe(true);
  });
});
