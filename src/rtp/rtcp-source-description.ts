import type { NamedSource, RtcpPacket } from './rtcp.ts';

/** The only item that everyone must send (RFC 3550 §6.5.1). */
export const CNAME_ITEM = 1;
const END_ITEM = 0;

/**
 * SDES (RFC 3550 §6.5): a chunk for each source; items until a zero byte, then zeros up to a word.
 *
 * | SSRC (32) | item (8) | length (8) | text … | item … | 0 | 0 … |  next chunk …
 *
 * @returns the sources with a CNAME; undefined when there are none.
 */
export function parseSourceDescription(
  view: DataView,
  count: number,
): RtcpPacket | 'body' | undefined {
  const sources: NamedSource[] = [];
  let at = 4;
  for (let chunk = 0; chunk < count; chunk++) {
    const end = parseChunk(view, at, sources);
    if (end === undefined) return 'body';
    at = end;
  }
  return sources.length === 0 ? undefined : { type: 'sdes', sources };
}

/** @returns where the next chunk starts; undefined when this one is cut off. */
function parseChunk(view: DataView, start: number, sources: NamedSource[]): number | undefined {
  if (start + 4 > view.byteLength) return undefined;
  const ssrc = view.getUint32(start);
  let at = start + 4;
  while (at < view.byteLength && view.getUint8(at) !== END_ITEM) {
    if (at + 2 > view.byteLength) return undefined;
    const length = view.getUint8(at + 1);
    if (at + 2 + length > view.byteLength) return undefined;
    if (view.getUint8(at) === CNAME_ITEM) {
      const cname = Buffer.from(view.buffer, view.byteOffset + at + 2, length).toString('utf8');
      sources.push({ ssrc, cname });
    }
    at += 2 + length;
  }
  // Where items end with the packet and no zero follows, we don't insist on one.
  return at >= view.byteLength ? at : 4 * (Math.floor(at / 4) + 1);
}
