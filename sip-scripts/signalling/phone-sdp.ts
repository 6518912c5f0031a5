import { parse, type MediaDescription } from 'sdp-transform';
import type { Address } from '../../src/base/address.ts';
import { readCryptoLines, writeCryptoLine, type CryptoLine } from '../../src/sdp/crypto-line.ts';

/** Seen from whoever wrote the SDP (RFC 8866 §6.7). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** A pair of addresses; the same twice with rtcp-mux (RFC 5761). */
export interface RtpRemote {
  readonly rtp: Address;
  readonly rtcp: Address;
}

/** The two payload formats a phone knows: PCMU voice, and files (docs/in-call-protocol.md §5). */
export const LINE_KINDS = {
  audio: { media: 'audio', profile: 'RTP/AVP', payloadType: 0, rtpmap: 'PCMU/8000' },
  file: {
    media: 'application',
    profile: 'RTP/AVPF',
    payloadType: 96,
    rtpmap: 'octet-stream/90000',
  },
} as const;

export type LineKind = keyof typeof LINE_KINDS;

/** A media line of ours. */
export interface LocalLine {
  readonly kind: LineKind;
  readonly rtpPort: number;
  readonly rtcpPort: number;
  readonly direction: Direction;
  /** Our key: makes it SRTP (RFC 4568). */
  readonly crypto?: CryptoLine;
}

/** A media line of theirs. */
export interface RemoteLine {
  readonly media: string;
  readonly profile: string;
  /** Payload types as written, for a rejection that repeats them. */
  readonly formats: string;
  readonly payloadType: number;
  /** Encoding name in upper case, empty when neither rtpmap nor static. */
  readonly encoding: string;
  readonly direction: Direction;
  /** Undefined when the line is rejected (port 0). */
  readonly remote: RtpRemote | undefined;
}

export interface LocalDescription {
  readonly address: string;
  readonly sessionId: number;
  /** Grows with every description of the same session (RFC 3264 §8). */
  readonly version: number;
  /** A line of ours, or a line of theirs to reject. */
  readonly lines: readonly (LocalLine | RemoteLine)[];
}

/** @returns SDP text (RFC 8866). */
export function writeSdp(description: LocalDescription): string {
  const { address, sessionId, version, lines } = description;
  const head = [
    'v=0',
    `o=- ${sessionId} ${version} IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
  ];
  const body = lines.flatMap((line) => ('kind' in line ? localLine(line) : rejection(line)));
  return `${[...head, ...body].join('\r\n')}\r\n`;
}

/** RFC 4568 §10.3.2.2, RFC 5124. */
const SECURED = { 'RTP/AVP': 'RTP/SAVP', 'RTP/AVPF': 'RTP/SAVPF' } as const;

function localLine(line: LocalLine): string[] {
  const { media, profile, payloadType, rtpmap } = LINE_KINDS[line.kind];
  const common = [
    `m=${media} ${line.rtpPort} ${line.crypto === undefined ? profile : SECURED[profile]} ${payloadType}`,
    `a=rtpmap:${payloadType} ${rtpmap}`,
    `a=rtcp:${line.rtcpPort}`,
    `a=${line.direction}`,
    ...(line.crypto === undefined ? [] : [writeCryptoLine(line.crypto)]),
  ];
  return line.kind === 'file'
    ? [...common, `a=rtcp-fb:${payloadType} nack`]
    : [...common, 'a=ptime:20'];
}

/** A line is refused with port 0 (RFC 3264 §6). */
const rejection = (line: RemoteLine): string[] => [
  `m=${line.media} 0 ${line.profile} ${line.formats}`,
];

/** The key in an answer to an offer of ours; undefined when it has none that can be read. */
export function readKey(answer: string): CryptoLine | undefined {
  const line = readCryptoLines(answer);
  return line.ok ? line.value : undefined;
}

/** All media lines of an SDP. @throws Error when it has no readable one. */
export function readSdp(sdp: string): RemoteLine[] {
  const session = parse(sdp);
  const lines = session.media.map((media) =>
    remoteLine(media, session.connection?.ip, session.direction),
  );
  if (lines.length === 0) throw new Error('an SDP without a media line');
  return lines;
}

function remoteLine(
  media: MediaDescription,
  sessionAddress: string | undefined,
  sessionDirection: Direction | undefined,
): RemoteLine {
  const address = media.connection?.ip ?? sessionAddress ?? '';
  const formats = String(media.payloads ?? '');
  const payloadType = Number(formats.split(' ', 1)[0]);
  return {
    media: media.type,
    profile: media.protocol,
    formats,
    payloadType,
    encoding: encodingOf(media, payloadType),
    direction: media.direction ?? sessionDirection ?? 'sendrecv',
    remote: media.port === 0 ? undefined : remoteAddresses(media, address),
  };
}

function encodingOf(media: MediaDescription, payloadType: number): string {
  const named = media.rtp.find((format) => format.payload === payloadType)?.codec;
  return (named ?? STATIC_ENCODINGS[payloadType] ?? '').toUpperCase();
}

/** RFC 3551 §6, the two that need no rtpmap here. */
const STATIC_ENCODINGS: Readonly<Record<number, string>> = { 0: 'PCMU', 8: 'PCMA' };

/** RTCP goes to the next port, unless a=rtcp (RFC 3605) or rtcp-mux says otherwise. */
function remoteAddresses(media: MediaDescription, address: string): RtpRemote {
  const rtp = { address, port: media.port };
  if (media.rtcpMux !== undefined) return { rtp, rtcp: rtp };
  const port = media.rtcp?.port ?? media.port + 1;
  return { rtp, rtcp: { address: media.rtcp?.address ?? address, port } };
}

const SENDS: readonly Direction[] = ['sendrecv', 'sendonly'];
const RECEIVES: readonly Direction[] = ['sendrecv', 'recvonly'];

/** Whether the writer of this direction sends. */
export const sends = (direction: Direction): boolean => SENDS.includes(direction);
/** Whether the writer of this direction receives. */
export const receives = (direction: Direction): boolean => RECEIVES.includes(direction);

/** What an answer says to an offer of this direction when its author wants `wanted` (RFC 3264 §6.1). */
export function answerDirection(offered: Direction, wanted: Direction): Direction {
  const send = receives(offered) && sends(wanted);
  const receive = sends(offered) && receives(wanted);
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}
