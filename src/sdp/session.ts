import { parse } from 'sdp-transform';
import type { MediaAttributes, SharedDescriptionFields } from 'sdp-transform';
import { isNumericAddress } from '../base/address.ts';
import type { Address } from '../base/address.ts';
import { fail, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { RtpAddress } from '../rtp/transport-address.ts';

/** A SIP body is 8,192 bytes at most, so an SDP can't be longer. */
export const SDP_BYTES_MAX = 8_192;
/** A call has an audio and perhaps a few video lines; each anchored line costs four sockets. */
export const MEDIA_LINES_MAX = 8;

export type SdpFault = 'too-long' | 'too-many-media-lines' | 'not-sdp';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One m-line with its attributes, as sdp-transform reads it. */
export type MediaLine = {
  readonly type: string;
  readonly port: number;
  readonly protocol: string;
  readonly payloads?: string;
} & SharedDescriptionFields &
  MediaAttributes;

/** An offer or an answer, read (RFC 8866). */
export interface Session {
  readonly lines: readonly MediaLine[];
  /** Session-level connection address, if any. */
  readonly connection: string | undefined;
  readonly direction: Direction | undefined;
  /** It names keys, or how to agree on some: what is sent may be encrypted, whatever its transport says (RFC 8643). */
  readonly hasKeys: boolean;
}

/** RFC 4568, RFC 8122, RFC 6189 §8. */
const KEYS = /^a=(crypto|fingerprint|zrtp-hash):/m;

/** @returns the session, or why the text is not one. Never throws. */
export function parseSession(text: string): Result<Session, SdpFault> {
  if (text.length > SDP_BYTES_MAX) return fail('too-long');
  if (!text.startsWith('v=0')) return fail('not-sdp');
  try {
    const { media, connection, direction } = parse(text);
    if (media.length > MEDIA_LINES_MAX) return fail('too-many-media-lines');
    const hasKeys = KEYS.test(text);
    return ok({ lines: media.map(lineOf), connection: textOf(connection?.ip), direction, hasKeys });
  } catch {
    return fail('not-sdp');
  }
}

/** sdp-transform makes a number of every text that looks like one, whatever its types say: `RTP/AVP 0` has the payloads 0. */
function lineOf(line: MediaLine): MediaLine {
  const connection = line.connection && { ...line.connection, ip: String(line.connection.ip) };
  return {
    ...line,
    type: String(line.type),
    port: Number(line.port),
    protocol: String(line.protocol),
    payloads: String(line.payloads ?? ''),
    ...(connection === undefined ? {} : { connection }),
  };
}

const textOf = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

/** Direction of a line: its own, else the session's, else sendrecv (RFC 8866 §6.7). */
export const directionOf = (session: Session, line: MediaLine): Direction =>
  line.direction ?? session.direction ?? 'sendrecv';

/** RTP over plain UDP, secured or not: what the media plane can carry. */
export const isRtpLine = (line: MediaLine): boolean =>
  /^(UDP\/TLS\/)?RTP\/S?AVPF?$/.test(line.protocol);

/**
 * Where a line's owner wants its packets (RFC 8866 §5.7, RFC 3605 for the RTCP port). With rtcp-mux (RFC 5761) agreed end
 * to end, RTCP comes to the RTP port and is relayed there.
 * @returns undefined for a rejected or held line (port 0, 0.0.0.0) and for an address that is not numeric.
 */
export function remoteOf(session: Session, line: MediaLine): RtpAddress | undefined {
  const rtp = addressOf(line.connection?.ip ?? session.connection, line.port);
  if (rtp === undefined) return undefined;
  const rtcp = addressOf(line.rtcp?.address ?? rtp.address, line.rtcp?.port ?? rtp.port + 1);
  return rtcp === undefined ? undefined : { rtp, rtcp };
}

/** The unspecified addresses put a line on hold, the way it was done before RFC 3264 §8.4. */
const UNSPECIFIED = ['0.0.0.0', '::'];

/** Such a hold is in the address itself: it has to reach the other phone. */
export const isHeldByAddress = (session: Session, line: MediaLine): boolean =>
  UNSPECIFIED.includes(line.connection?.ip ?? session.connection ?? '');

/** Nobody's voice goes to a whole network because an SDP says so (RFC 8866 §5.7 would allow it). */
const MULTICAST = /^(22[4-9]|2[3-5]\d)\.|^ff/i;

function addressOf(address: string | undefined, port: number): Address | undefined {
  if (address === undefined || UNSPECIFIED.includes(address)) return undefined;
  if (!isNumericAddress(address) || MULTICAST.test(address)) return undefined;
  if (!Number.isInteger(port)) return undefined;
  return port > 0 && port < 65_536 ? { address, port } : undefined;
}
