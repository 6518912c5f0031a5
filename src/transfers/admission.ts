import { MidcallError } from '../base/errors.ts';
import type { StoreRequest } from '../incall/commands.ts';
import type { PayloadFormat } from '../rtp/payload-format.ts';
import { formatNamed, readStorageOffer } from '../sdp/storage-leg.ts';
import type { CryptoFault } from '../sdp/crypto-line.ts';
import type { OfferFault, StorageOffer } from '../sdp/storage-leg.ts';
import type { StreamKind } from './media-plane.ts';

/** Encoding name of the payload format for files (docs/in-call-protocol.md §5). */
const FILE_ENCODING = 'octet-stream';

/** What was agreed with a sender or a receiver. */
export interface Agreed {
  readonly kind: StreamKind;
  readonly offer: StorageOffer;
  readonly format: PayloadFormat;
}

/**
 * Decides from the format whether a store request is accepted (M7).
 * @throws MidcallError with the reason for the sender.
 */
export function admit(request: StoreRequest, formats: readonly string[]): Agreed {
  if (!isAllowed(request.format, formats))
    throw new MidcallError('format-not-allowed', `${request.format} is not accepted here`);
  const offer = offerOf(request.sdp, 'send');
  const agreed = agree(offer, request.format);
  if (agreed.kind === 'file' && request.size === undefined)
    throw new MidcallError('bad-request', 'a file needs its size', { facts: { field: 'size' } });
  return agreed;
}

/**
 * Decides the same from the size.
 * @param capacity bytes that there is room for.
 * @throws MidcallError with the reason for the sender.
 */
export function admitSize({ size }: StoreRequest, capacity: number): void {
  if (size !== undefined && size > capacity)
    throw new MidcallError('too-large', `there is room for ${capacity} bytes`, {
      facts: { free: capacity },
    });
}

/** Whether a media type matches an entry of the list, such as `image/*` or `audio/PCMU`; case does not count. */
export function isAllowed(format: string, formats: readonly string[]): boolean {
  const [type = ''] = format.toLowerCase().split('/', 1);
  return formats.some((entry) => {
    const allowed = entry.toLowerCase();
    return allowed === '*' || allowed === format.toLowerCase() || allowed === `${type}/*`;
  });
}

/** A file when the offer has the file payload; else the stream whose encoding is the format's subtype. */
function agree(offer: StorageOffer, format: string): Agreed {
  const file = formatNamed(offer, FILE_ENCODING);
  if (file !== undefined) return { kind: 'file', offer, format: file };
  const stream = formatNamed(offer, format.slice(format.indexOf('/') + 1));
  if (stream === undefined)
    throw new MidcallError('format-not-allowed', `the offer has no ${format} payload`);
  return { kind: 'media', offer, format: stream };
}

/**
 * The receiver must take what was stored: the same encoding at the same clock.
 * @throws MidcallError.
 */
export function agreeToReceive(sdp: string, stored: PayloadFormat): Agreed {
  const offer = offerOf(sdp, 'receive');
  const format = formatNamed(offer, stored.encoding);
  if (format === undefined || format.clockRate !== stored.clockRate)
    throw new MidcallError('format-not-allowed', `the data is ${stored.encoding}`);
  return { kind: stored.encoding === FILE_ENCODING ? 'file' : 'media', offer, format };
}

const OFFER_TEXTS: Readonly<Record<OfferFault, string>> = {
  'not-sdp': 'the sdp can not be read',
  'one-media-line': 'the sdp must have one media line',
  transport: 'this transport is not supported',
  crypto: 'no crypto line can be used',
  address: 'the sdp has no usable address',
  direction: 'the media line has the wrong direction',
};

const CRYPTO_TEXTS: Readonly<Record<CryptoFault, string>> = {
  missing: 'there is none',
  syntax: 'it can not be read',
  suite: 'none of these suites is supported',
  'key-length': 'the key has not the length of its suite',
  lifetime: 'the lifetime of the key is too short',
  mki: 'master key identifiers are not supported',
  'session-parameter': 'a session parameter is not supported',
};

function offerOf(sdp: string, wanted: 'send' | 'receive'): StorageOffer {
  const offer = readStorageOffer(sdp, wanted);
  if (offer.ok) return offer.value;
  const unsupported = offer.code === 'transport' || offer.code === 'crypto';
  const code = unsupported ? 'transport-not-supported' : 'bad-request';
  throw new MidcallError(code, faultText(offer.code, offer.at), { facts: { field: 'sdp' } });
}

/** A crypto fault names what is wrong with the line. */
function faultText(code: OfferFault, at: string | undefined): string {
  const text = OFFER_TEXTS[code];
  if (code !== 'crypto' || at === undefined || !isCryptoFault(at)) return text;
  return `${text}: ${CRYPTO_TEXTS[at]}`;
}

const isCryptoFault = (word: string): word is CryptoFault => Object.hasOwn(CRYPTO_TEXTS, word);
