import { directionOf, isHeldByAddress, isRtpLine, parseSession } from './session.ts';
import type { Direction, MediaLine, Session } from './session.ts';

/** What the one who wrote an SDP does with a line: both ways, one, or neither, for now or for good. */
export type LineUse = 'both' | 'sends' | 'receives' | 'idle' | 'closed';

const USES: Readonly<Record<Direction, LineUse>> = {
  sendrecv: 'both',
  sendonly: 'sends',
  recvonly: 'receives',
  inactive: 'idle',
};

function useOf(session: Session, line: MediaLine | undefined): LineUse {
  if (line === undefined || line.port === 0 || !isRtpLine(line)) return 'closed';
  if (isHeldByAddress(session, line)) return 'idle';
  return USES[directionOf(session, line)];
}

/** @returns undefined for what is no SDP: others refuse it. */
export function lineUse(sdp: string, index: number): LineUse | undefined {
  const session = parseSession(sdp);
  return session.ok ? useOf(session.value, session.value.lines[index]) : undefined;
}

const isSent = (use: LineUse | undefined): boolean => use === 'sends' || use === 'both';

/** Whether the whole call is on hold, so that a line that pauses now will go on: no voice is sent either (RFC 3264 §8.4). */
export function isOnHold(sdp: string): boolean {
  const session = parseSession(sdp);
  if (!session.ok) return false;
  const { lines } = session.value;
  const voices = lines.filter(({ type, port }) => type === 'audio' && port !== 0);
  return voices.length > 0 && !voices.some((line) => isSent(useOf(session.value, line)));
}

/** The first video line that is sent now and was not before: somebody switched the video on. */
export function openedVideo(before: string, after: string): number | undefined {
  const session = parseSession(after);
  if (!session.ok) return undefined;
  const index = session.value.lines.findIndex(
    (line, at) =>
      line.type === 'video' && isSent(useOf(session.value, line)) && !isSent(lineUse(before, at)),
  );
  return index < 0 ? undefined : index;
}

/** Payloads that only help another one along: nobody stores them by themselves. */
const HELPERS: readonly string[] = ['rtx', 'red', 'ulpfec', 'flexfec-03'];

/** The first encoding of a line that is a stream of its own, such as `VP8`. */
export function mainEncoding(sdp: string, index: number): string | undefined {
  const session = parseSession(sdp);
  const maps = session.ok ? (session.value.lines[index]?.rtp ?? []) : [];
  const main = maps.find(({ codec }) => !HELPERS.includes(String(codec).toLowerCase()));
  return main === undefined ? undefined : String(main.codec);
}
