import { fail, ok, type Result } from '../base/result.ts';
import { isSuiteName, keySaltBytes, type SrtpKey } from '../rtp/srtp/suites.ts';

/**
 * Keys in SDP (RFC 4568 §9.1, RFC 7714 §14.1):
 *
 *    a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^31|1:4 WSH=64
 *             tag suite                 key and salt, base64                            life MKI session parameters
 */
export interface CryptoLine extends SrtpKey {
  /** Comes back in the answer (RFC 4568 §5.1.2). */
  readonly tag: string;
}

/**
 * Why a line can't be used. `lifetime`: the key is to be changed sooner than we can. `mki`: it would have to be named in each
 * packet, or there are several. `session-parameter`: one that may not be ignored (§6.3).
 */
export type CryptoFault =
  'missing' | 'syntax' | 'suite' | 'key-length' | 'lifetime' | 'mki' | 'session-parameter';

const LINE = /^a=crypto:(\d{1,9})[ \t]+(\w+)[ \t]+inline:([^ \t]+)((?:[ \t]+[^ \t]+)*)[ \t]*$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const LIFETIME = /^(?:2\^(\d{1,3})|(\d{1,20}))$/;
/**
 * A key is good for the whole transfer or not at all, since changing it takes new signalling. 2^31 packets, the most that SRTCP
 * has under any key, are more than two billion bytes; phones that name a lifetime name this one.
 */
export const LIFETIME_PACKETS_MIN: number = 2 ** 31;
/** A hint about the sender's replay window, and what its author marks as not needed (RFC 4568 §6.3.6, §6.3.7). */
const IGNORABLE = /^(WSH=\d+|-.*)$/;

/**
 * The first crypto line that can be used, in the offerer's order of preference (RFC 4568 §5.1.2). Reads the text itself:
 * sdp-transform drops all session parameters but one.
 * @param text an SDP with one media line.
 * @returns else the fault of the first line whose suite we know, if there is one.
 */
export function readCryptoLines(text: string): Result<CryptoLine, CryptoFault> {
  let fault: CryptoFault = 'missing';
  let known = false;
  for (const line of cryptoLines(text)) {
    const read = readCryptoLine(line);
    if (read.ok) return read;
    if (!known) fault = read.code;
    known ||= read.code !== 'suite' && read.code !== 'syntax';
  }
  return fail(fault);
}

/** Of the media section: at session level the attribute means nothing (RFC 4568 §4). */
function cryptoLines(text: string): readonly string[] {
  const lines = text.split(/\r\n|\r|\n/);
  const media = lines.findIndex((line) => line.startsWith('m='));
  return lines.slice(media).filter((line) => line.startsWith('a=crypto:'));
}

/** Reads one line. */
export function readCryptoLine(line: string): Result<CryptoLine, CryptoFault> {
  const [, tag = '', suite = '', keyInfo = '', parameters = ''] = LINE.exec(line) ?? [];
  if (tag === '') return fail('syntax');
  if (!isSuiteName(suite)) return fail('suite');
  const keySalt = readKey(keyInfo, keySaltBytes(suite));
  if (!keySalt.ok) return keySalt;
  const words = parameters.split(/[ \t]+/).filter((word) => word !== '');
  if (!words.every((word) => IGNORABLE.test(word))) return fail('session-parameter');
  return ok({ tag, suite, keySalt: keySalt.value });
}

/** @param info what stands after `inline:`. @param bytes of key and salt. */
function readKey(info: string, bytes: number): Result<Uint8Array, CryptoFault> {
  const [base64 = '', ...rest] = info.split('|');
  if (info.includes(';')) return fail('mki');
  if (!BASE64.test(base64)) return fail('syntax');
  const keySalt = Uint8Array.from(Buffer.from(base64, 'base64'));
  if (keySalt.length !== bytes) return fail('key-length');
  const fault = lifeFault(rest);
  return fault === undefined ? ok(keySalt) : fail(fault);
}

/** What follows the key: lifetime, then MKI, each optional. */
function lifeFault(rest: readonly string[]): CryptoFault | undefined {
  const [lifetime] = rest;
  if (lifetime === undefined) return undefined;
  if (rest.some((part) => part.includes(':'))) return 'mki';
  const [, power, packets] = LIFETIME.exec(lifetime) ?? [];
  if (rest.length > 1 || (power ?? packets) === undefined) return 'syntax';
  const most = power === undefined ? Number(packets) : 2 ** Number(power);
  return most >= LIFETIME_PACKETS_MIN ? undefined : 'lifetime';
}

/** @returns the line of an offer or answer, without a line end. */
export const writeCryptoLine = ({ tag, suite, keySalt }: CryptoLine): string =>
  `a=crypto:${tag} ${suite} inline:${Buffer.from(keySalt).toString('base64')}`;
