import type { RtpPorts } from '../rtp/transport-address.ts';
import { joinSections, splitSections } from './sections.ts';

/**
 * Anchoring: the phone at one end is told to send its RTP to us instead of to the other phone. Only what names an
 * address is rewritten, line by line, so that everything else (codecs, fmtp, encryption keys, extensions we never heard of)
 * reaches the other phone as it was written. Encrypted voice stays encrypted end to end.
 */

/** Attributes that offer other paths around us; with them a phone would not send to the anchored address (RFC 8839). */
const OTHER_PATHS =
  /^a=(candidate|end-of-candidates|remote-candidates|ice-[a-z]+|rtcp)[:\s]|^a=end-of-candidates$|^a=ice-lite$/;

/**
 * @param text an offer or answer.
 * @param portsOf our sockets for the m-line of that index, or undefined to leave the line as it is.
 * @returns the text with those lines pointing to us.
 */
export function anchorSession(
  text: string,
  portsOf: (line: number) => RtpPorts | undefined,
): string {
  const sections = splitSections(text);
  const [session = [], ...media] = sections;
  const anchored = media.map((lines, index) => {
    const ports = portsOf(index);
    return ports === undefined ? lines : anchorLine(lines, ports);
  });
  const anyAnchored = media.some((_, index) => portsOf(index) !== undefined);
  const kept = anyAnchored ? session.filter((line) => !OTHER_PATHS.test(line)) : session;
  return joinSections([kept, ...anchored]);
}

/** RFC 8866 §5: after m= come i=, c=, b=, k=, then attributes. */
function anchorLine(lines: readonly string[], ports: RtpPorts): string[] {
  const [mediaLine = '', ...rest] = lines;
  const kept = rest.filter((line) => !line.startsWith('c=') && !OTHER_PATHS.test(line));
  const title = kept.filter((line) => line.startsWith('i='));
  const others = kept.filter((line) => !line.startsWith('i='));
  return [
    withPort(mediaLine, ports.rtp),
    ...title,
    connectionLine(ports.address),
    ...others,
    `a=rtcp:${ports.rtcp}`,
  ];
}

/** A rejected line (port 0) stays rejected. */
const withPort = (mediaLine: string, port: number): string =>
  mediaLine.replace(/^(m=\S+ )(0*[1-9]\d*)(\/\d+)?/, `$1${port}`);

export const connectionLine = (address: string): string =>
  `c=IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`;
