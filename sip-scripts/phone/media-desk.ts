import type { CryptoLine } from '../../src/sdp/crypto-line.ts';
import {
  readKey,
  readSdp,
  type Direction,
  type LineKind,
  type RtpRemote,
} from '../signalling/phone-sdp.ts';
import { RtpSockets } from '../streams/rtp-sockets.ts';
import { SecuredPackets } from '../streams/secured-packets.ts';
import { isFields, number, optionalNumber, optionalText, text, type Fields } from './lines.ts';
import { MediaHandle } from './media-handle.ts';

/** Lines open at once; a test that needs more has lost some. */
export const HANDLES_MAX = 64;

/** The media lines of a phone that are not voice, by an id of ours: `media-1`, `media-2` … */
export class MediaDesk {
  readonly #bind: string;
  readonly #cname: string;
  readonly #handles = new Map<string, MediaHandle>();
  #opened = 0;

  constructor(bind: string, cname: string) {
    this.#bind = bind;
    this.#cname = cname;
  }

  /** Opens a pair of sockets. @param suite makes it SRTP. @returns the handle and an offer for it. */
  async open(kind: LineKind, direction: Direction, suite?: string): Promise<Fields> {
    if (this.#handles.size >= HANDLES_MAX) throw new Error('too many open media lines');
    const secured = suite === undefined ? undefined : new SecuredPackets(suite);
    const sockets = await RtpSockets.open(this.#bind);
    const id = `media-${++this.#opened}`;
    const handle = new MediaHandle({ id, kind, sockets, secured }, this.#cname);
    this.#handles.set(handle.id, handle);
    const { rtpPort, rtcpPort } = sockets;
    return { handle: handle.id, sdp: handle.offer(direction), port: rtpPort, rtcpPort };
  }

  /** @throws Error when there is no such handle. */
  find(id: string): MediaHandle {
    const handle = this.#handles.get(id);
    if (handle === undefined) throw new Error('no such media handle');
    return handle;
  }

  close(id: string): Fields {
    const handle = this.find(id);
    handle.close();
    this.#handles.delete(id);
    return handle.facts();
  }

  closeAll(): void {
    for (const id of this.#handles.keys()) this.close(id);
  }

  facts(): Fields[] {
    return [...this.#handles.values()].map((handle) => handle.facts());
  }
}

/** The other side of a handle: `answer` (SDP with one line), or `remote` (`{address, rtp, rtcp?}`). @throws Error. */
export function readRemote(fields: Fields): RtpRemote | undefined {
  const answer = optionalText(fields, 'answer');
  if (answer !== undefined) return readSdp(answer)[0]?.remote;
  const remote = fields['remote'];
  if (!isFields(remote)) return undefined;
  const address = text(remote, 'address');
  const port = number(remote, 'rtp');
  const rtcpPort = optionalNumber(remote, 'rtcp') ?? port + 1;
  return { rtp: { address, port }, rtcp: { address, port: rtcpPort } };
}

/** The key in the other side's `answer`, for SRTP. */
export function readAnswerKey(fields: Fields): CryptoLine | undefined {
  const answer = optionalText(fields, 'answer');
  return answer === undefined ? undefined : readKey(answer);
}
