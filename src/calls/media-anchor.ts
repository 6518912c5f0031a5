import { anchorSession } from '../sdp/anchor.ts';
import { isHeldByAddress, isRtpLine, parseSession, remoteOf } from '../sdp/session.ts';
import type { MediaLine, Session } from '../sdp/session.ts';
import type { MediaPlane, RelayPorts, RelaySide, RtpAddress } from '../transfers/media-plane.ts';

/**
 * Anchors the media of one call: each RTP line goes through a relay of the media plane, and each side's SDP is rewritten
 * to point there. Lines that are not RTP are left as they are.
 */
export class MediaAnchor {
  readonly #call: string;
  readonly #media: MediaPlane;
  /** By index of the m-line: offers and answers keep the order (RFC 3264 §8). */
  readonly #relays = new Map<number, RelayPorts>();
  #closed = false;

  constructor(call: string, media: MediaPlane) {
    this.#call = call;
    this.#media = media;
  }

  /**
   * Takes an SDP that one side sent and gives the one that the other side gets.
   * @throws MediaAnchorError when it can't be read or no port is free.
   */
  async pass(sdp: string, from: RelaySide): Promise<string> {
    const session = parseSession(sdp);
    if (!session.ok) throw new MediaAnchorError(488, session.code);
    for (const [index, line] of session.value.lines.entries())
      if (isAnchored(line)) await this.#pointTo(session.value, index, from);
    const facing = from === 'caller' ? 'callee' : 'caller';
    return anchorSession(sdp, (index) => {
      const line = session.value.lines[index];
      if (line === undefined || !isAnchored(line) || isHeldByAddress(session.value, line))
        return undefined;
      return this.#relays.get(index)?.[facing];
    });
  }

  async #pointTo(session: Session, index: number, from: RelaySide): Promise<void> {
    const line = session.lines[index];
    if (line === undefined || this.#closed) return;
    const relay = this.#relayOf(index);
    if (!this.#relays.has(index)) await this.#open(index);
    const remote: RtpAddress | undefined = remoteOf(session, line);
    await this.#media.setRelayRemote(relay, from, remote);
  }

  /** The call may end meanwhile, and then nobody else would close what opens now. */
  async #open(index: number): Promise<void> {
    const relay = this.#relayOf(index);
    let ports: RelayPorts;
    try {
      ports = await this.#media.openRelay(relay);
    } catch (cause) {
      throw new MediaAnchorError(503, 'no media port is free', { cause });
    }
    this.#relays.set(index, ports);
    if (!this.#closed) return;
    await this.close();
    throw new MediaAnchorError(487, 'the call is over');
  }

  /** Whether one of these relays is this call's. */
  isOneOf(relays: ReadonlySet<string>): boolean {
    return [...this.#relays.keys()].some((index) => relays.has(this.#relayOf(index)));
  }

  /** Never rejects: what a media plane that died can't close is closed already. Repeatable. */
  async close(): Promise<void> {
    this.#closed = true;
    const relays = [...this.#relays.keys()];
    this.#relays.clear();
    await Promise.allSettled(relays.map((index) => this.#media.closeRelay(this.#relayOf(index))));
  }

  #relayOf(index: number): string {
    return `${this.#call}.${index}`;
  }
}

/** A rejected line (port 0) has no media to anchor. */
const isAnchored = (line: MediaLine): boolean => isRtpLine(line) && line.port !== 0;

/** Why a session can't be anchored, as the SIP status to refuse it with. */
export class MediaAnchorError extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'MediaAnchorError';
    this.status = status;
  }
}
