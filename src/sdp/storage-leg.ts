import { fail, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { PayloadFormat } from '../rtp/payload-format.ts';
import { PAYLOAD_TYPE_MAX, STATIC_PAYLOAD_TYPES } from '../rtp/payload-types.ts';
import type { RtpAddress, RtpPorts } from '../rtp/transport-address.ts';
import { connectionLine } from './anchor.ts';
import { readCryptoLines, writeCryptoLine } from './crypto-line.ts';
import type { CryptoLine } from './crypto-line.ts';
import { directionOf, parseSession, remoteOf } from './session.ts';
import type { Direction, MediaLine } from './session.ts';

/**
 * The SDP of a store or receive request: an ordinary offer with one media line (RFC 3264, RFC 8866), and our answer to
 * it. docs/in-call-protocol.md §2.
 */
export interface StorageOffer {
  /** `audio`, `video`, `application`. */
  readonly media: string;
  /** One of STORAGE_TRANSPORTS. */
  readonly protocol: string;
  readonly remote: RtpAddress;
  /** RTCP shares the RTP port, both ways (RFC 5761): they asked for it, and our answer agrees. */
  readonly muxed?: boolean;
  readonly direction: Direction;
  /** In the offerer's order of preference. */
  readonly formats: readonly PayloadFormat[];
  /** How the offerer can be asked for a key frame (RFC 4585 §6.3.1, RFC 5104 §4.3.1), if it says so. */
  readonly refresh?: Refresh;
  /** The offerer asks for, or answers, requests for lost packets (generic NACK, RFC 4585 §4.2). */
  readonly nack?: true;
  /** The offerer's key for what it sends, with a secured transport only. */
  readonly crypto?: CryptoLine;
}

/** RTCP that asks for a key frame. */
export type Refresh = 'pli' | 'fir';

export type OfferFault =
  'not-sdp' | 'one-media-line' | 'transport' | 'crypto' | 'address' | 'direction';

/** SRTP with its keys in the SDP (RFC 4568, RFC 5124). */
const SECURED_TRANSPORTS: readonly string[] = ['RTP/SAVP', 'RTP/SAVPF'];
/** Transports this platform stores from and delivers to. */
export const STORAGE_TRANSPORTS: readonly string[] = ['RTP/AVP', 'RTP/AVPF', ...SECURED_TRANSPORTS];

/** RFC 8866 §5.14 and, for `image`, RFC 6466. The word comes back in our answer. */
const MEDIA_TYPES: readonly string[] = [
  'audio',
  'video',
  'text',
  'application',
  'message',
  'image',
];
/**
 * What may come back in our answer, so that it fits into an INFO of 4,000 bytes (docs/in-call-protocol.md §1) also when
 * every character is escaped in JSON. Real ones have under 200 characters. An offered format with others can't be chosen.
 */
const ENCODING = /^[\w.-]{1,127}$/;
const PARAMETERS = /^[\x20-\x7e]{1,1024}$/;
const CHANNELS_MAX = 255;
/** An RTP timestamp is 32 bits wide: a faster clock wraps within a second. */
const CLOCK_RATE_MAX = 0xffff_ffff;

/** @param wanted what the offerer must be able to do: a sender sends, a receiver receives. */
export function readStorageOffer(
  text: string,
  wanted: 'send' | 'receive',
): Result<StorageOffer, OfferFault> {
  const session = parseSession(text);
  if (!session.ok) return fail('not-sdp', session.code);
  const line = session.value.lines[0];
  if (line === undefined || session.value.lines.length !== 1) return fail('one-media-line');
  if (!MEDIA_TYPES.includes(line.type)) return fail('not-sdp', 'm');
  if (!STORAGE_TRANSPORTS.includes(line.protocol)) return fail('transport', line.protocol);
  const remote = remoteOf(session.value, line);
  if (remote === undefined) return fail('address');
  const direction = directionOf(session.value, line);
  const able = wanted === 'send' ? ['sendrecv', 'sendonly'] : ['sendrecv', 'recvonly'];
  if (!able.includes(direction)) return fail('direction', direction);
  const { type: media, protocol } = line;
  const formats = formatsOf(line);
  const asked = { ...refreshOf(line), ...nackOf(line) };
  const place = mayMux(line, formats)
    ? { remote: { rtp: remote.rtp, rtcp: remote.rtp }, muxed: true }
    : { remote };
  return withKey({ media, protocol, ...place, direction, formats, ...asked }, text);
}

/** On a shared port these payload types would look like RTCP (RFC 5761 §4). */
const MUX_TAKES = { from: 64, to: 95 } as const;

/** Whether RTCP may share the RTP port: they offer it, and no format of theirs could be taken for RTCP. */
const mayMux = ({ rtcpMux }: MediaLine, formats: readonly PayloadFormat[]): boolean =>
  rtcpMux !== undefined &&
  formats.every(({ payloadType }) => payloadType < MUX_TAKES.from || payloadType > MUX_TAKES.to);

/** A secured transport needs a crypto line; under a plain one it asks for nothing (RFC 4568 §4). */
function withKey(offer: StorageOffer, text: string): Result<StorageOffer, OfferFault> {
  if (!SECURED_TRANSPORTS.includes(offer.protocol)) return ok(offer);
  const crypto = readCryptoLines(text);
  return crypto.ok ? ok({ ...offer, crypto: crypto.value }) : fail('crypto', crypto.code);
}

/** The first format of the offer with this encoding, compared without case (RFC 4855 §3). */
export const formatNamed = (offer: StorageOffer, encoding: string): PayloadFormat | undefined =>
  offer.formats.find((format) => format.encoding.toLowerCase() === encoding.toLowerCase());

/** Formats of a line: its rtpmaps, and the static payload types (RFC 3551 §6) that it lists without one. */
export function formatsOf(line: MediaLine): PayloadFormat[] {
  const formats: PayloadFormat[] = [];
  for (const word of (line.payloads ?? '').split(' ')) {
    const format = /^\d{1,3}$/.test(word) ? formatOf(line, Number(word)) : undefined;
    if (format !== undefined) formats.push(format);
  }
  return formats;
}

function formatOf(line: MediaLine, payloadType: number): PayloadFormat | undefined {
  const format = mappedFormat(line, payloadType) ?? STATIC_PAYLOAD_TYPES.get(payloadType);
  if (format === undefined || payloadType > PAYLOAD_TYPE_MAX) return undefined;
  const config = line.fmtp?.find((entry) => entry.payload === payloadType)?.config;
  const parameters = config === undefined ? undefined : String(config);
  if (parameters !== undefined && !PARAMETERS.test(parameters)) return undefined;
  return { payloadType, ...format, ...(parameters === undefined ? {} : { parameters }) };
}

function mappedFormat(
  line: MediaLine,
  payloadType: number,
): Omit<PayloadFormat, 'payloadType'> | undefined {
  const map = line.rtp?.find((entry) => entry.payload === payloadType);
  if (map === undefined) return undefined;
  // sdp-transform makes numbers of texts, and leaves texts where its types say number.
  const encoding = String(map.codec);
  const clockRate = Number(map.rate);
  const channels = Number(map.encoding ?? 1);
  const isUsable =
    ENCODING.test(encoding) &&
    isCount(clockRate, CLOCK_RATE_MAX) &&
    isCount(channels, CHANNELS_MAX);
  return isUsable ? { encoding, clockRate, channels } : undefined;
}

const isCount = (value: number, max: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= max;

const NACK = 'nack';
const FEEDBACK: Readonly<Record<Refresh, string>> = { pli: 'nack pli', fir: 'ccm fir' };

function refreshOf(line: MediaLine): Pick<StorageOffer, 'refresh'> {
  const offered = (line.rtcpFb ?? []).map(({ type, subtype }) => `${type} ${subtype}`);
  const refresh = (['pli', 'fir'] as const).find((way) => offered.includes(FEEDBACK[way]));
  return refresh === undefined || line.type !== 'video' ? {} : { refresh };
}

/** `a=rtcp-fb:* nack` without a parameter, for any of the payload types. */
const nackOf = (line: MediaLine): Pick<StorageOffer, 'nack'> =>
  (line.rtcpFb ?? []).some(({ type, subtype }) => type === NACK && subtype === undefined)
    ? { nack: true }
    : {};

/**
 * The platform's own offer of one line: what is stored, to a phone that can't ask for it itself. The phone's answer is read as if
 * it were its offer.
 */
export const writeStorageOffer = (
  media: string,
  offer: { readonly format: PayloadFormat; readonly ports: RtpPorts; readonly sessionId: string },
): string =>
  answerStorageOffer(
    { media, protocol: 'RTP/AVP', nack: true, ...(media === 'video' ? { refresh: 'pli' } : {}) },
    { ...offer, direction: 'sendonly' },
  );

/**
 * Our answer: one line with the one chosen format, from our sockets, in our direction. Without rtcp-mux in it, the offerer falls
 * back to two ports (RFC 5761 §5.1.1).
 */
export function answerStorageOffer(
  offer: Pick<StorageOffer, 'media' | 'protocol' | 'refresh' | 'nack' | 'muxed'>,
  answer: {
    readonly format: PayloadFormat;
    readonly ports: RtpPorts;
    readonly direction: 'sendonly' | 'recvonly';
    /** Names this session in its o= line; digits. */
    readonly sessionId: string;
    /** Our key, with the offered line's tag and suite; when that has one. */
    readonly crypto?: CryptoLine;
  },
): string {
  const { format, ports } = answer;
  const address = `IN ${ports.address.includes(':') ? 'IP6' : 'IP4'} ${ports.address}`;
  const channels = format.channels > 1 ? `/${format.channels}` : '';
  const lines = [
    'v=0',
    `o=midcall ${answer.sessionId} 1 ${address}`,
    's=midcall',
    't=0 0',
    `m=${offer.media} ${ports.rtp} ${offer.protocol} ${format.payloadType}`,
    connectionLine(ports.address),
    `a=rtpmap:${format.payloadType} ${format.encoding}/${format.clockRate}${channels}`,
    ...(format.parameters === undefined
      ? []
      : [`a=fmtp:${format.payloadType} ${format.parameters}`]),
    ...(offer.muxed === true ? [`a=rtcp:${ports.rtp}`, 'a=rtcp-mux'] : [`a=rtcp:${ports.rtcp}`]),
    ...(offer.refresh === undefined
      ? []
      : [`a=rtcp-fb:${format.payloadType} ${FEEDBACK[offer.refresh]}`]),
    ...(offer.nack === undefined ? [] : [`a=rtcp-fb:${format.payloadType} ${NACK}`]),
    ...(answer.crypto === undefined ? [] : [writeCryptoLine(answer.crypto)]),
    `a=${answer.direction}`,
  ];
  return lines.join('\r\n') + '\r\n';
}
