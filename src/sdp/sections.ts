/**
 * An SDP as its sections: the session's own first, then one per m-line (RFC 8866 §5). Lines that nobody has a reason to touch stay as they
 * were written.
 */
export type Section = readonly string[];

/** Lines end where sdp-transform ends them, so that indices agree. */
export function splitSections(text: string): Section[] {
  const sections: string[][] = [[]];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === '') continue;
    if (line.startsWith('m=')) sections.push([]);
    sections.at(-1)?.push(line);
  }
  return sections;
}

export const joinSections = (sections: readonly Section[]): string =>
  sections.flat().join('\r\n') + '\r\n';

/** The m-line sections. */
export const mediaSections = (text: string): readonly Section[] => splitSections(text).slice(1);

/** A session with that one m-line only. */
export function onlyLine(text: string, index: number): string {
  const [session = [], ...media] = splitSections(text);
  return joinSections([session, media[index] ?? []]);
}

/** The line as its owner says no to it, or ends it (RFC 3264 §6, §8.2): port 0, and nothing else counts. */
export const closedSection = ([mediaLine = '']: Section): Section => [
  mediaLine.replace(/^(m=\S+) \d+(\/\d+)?/, '$1 0'),
];

export const isClosed = ([mediaLine = '']: Section): boolean => /^m=\S+ 0+[ /]/.test(mediaLine);

const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)$/;

/** The line in another direction. */
export const directed = (section: Section, direction: string): Section => [
  ...section.filter((line) => !DIRECTION.test(line)),
  `a=${direction}`,
];

/** `o=` without its version, and the version (RFC 8866 §5.2). */
const ORIGIN = /^(o=\S+ \S+) (\d+) (.*)$/m;

/** Who describes the session. @returns undefined when the SDP has no such line. */
export const originOf = (text: string): string | undefined => ORIGIN.exec(text)?.[0];

/** The SDP as the next word of somebody whose last `o=` is given: the same session, one version on (RFC 3264 §8). */
export function asNextVersion(text: string, origin: string): string {
  const next = origin.replace(
    ORIGIN,
    (_, who: string, version: string, where: string) => `${who} ${BigInt(version) + 1n} ${where}`,
  );
  return text.replace(/^o=.*$/m, () => next);
}
