import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Address } from '../../src/base/address.ts';
import type { SrtpKey } from '../../src/rtp/srtp/suites.ts';
import type { SecuredPackets } from './secured-packets.ts';

/** Tries for an even port with a free odd one after it; on a machine that is not out of ports the first few do. */
const PAIR_ATTEMPTS_MAX = 50;
/** Room for what comes while this process computes: a second of a fast file. */
const RECEIVE_BUFFER_BYTES = 1 << 20;

/** Packets that may come before the answer that has their key: half a second of a fast file. */
const EARLY_MAX = 1_024;

export interface RtpListener {
  rtp(packet: Uint8Array, source: Address): void;
  rtcp(packet: Uint8Array, source: Address): void;
}

/** A pair of UDP sockets: RTP on an even port, RTCP on the next (RFC 3550 §11). */
export class RtpSockets {
  readonly address: string;
  readonly rtpPort: number;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  #closing = false;
  #listener: RtpListener | undefined;
  /** With SRTP: what all packets pass, both ways. */
  #secured: SecuredPackets | undefined;
  /** What came before the other side's key. */
  readonly #early: (() => void)[] = [];
  /** Packets given to the kernel that it has not confirmed. */
  #unsent = 0;

  private constructor(rtp: Socket, rtcp: Socket) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    const local = rtp.address();
    this.address = local.address;
    this.rtpPort = local.port;
    // An ICMP error is a lost packet here, nothing more.
    for (const socket of [rtp, rtcp]) socket.on('error', () => {});
    rtp.on('message', (packet, source) => this.#receive(packet, source, false));
    rtcp.on('message', (packet, source) => this.#receive(packet, source, true));
  }

  /** @throws Error when no pair is free. */
  static async open(bind: string): Promise<RtpSockets> {
    for (let attempt = 0; attempt < PAIR_ATTEMPTS_MAX; attempt++) {
      const pair = await openPair(bind);
      if (pair !== undefined) return new RtpSockets(...pair);
    }
    throw new Error('no free pair of ports');
  }

  get rtcpPort(): number {
    return this.rtpPort + 1;
  }

  listen(listener: RtpListener): void {
    this.#listener = listener;
  }

  /** From now on all is SRTP. What comes before the other side's key waits for it. */
  secure(secured: SecuredPackets): void {
    this.#secured = secured;
  }

  /** The other side's key is known: what came before it is taken now. */
  agree(key: SrtpKey): void {
    this.#secured?.agree(key);
    for (const take of this.#early.splice(0)) take();
  }

  sendRtp(packet: Uint8Array, to: Address): void {
    this.#send(this.#rtp, this.#secured?.seal(packet, false) ?? packet, to);
  }

  sendRtcp(packet: Uint8Array, to: Address): void {
    this.#send(this.#rtcp, this.#secured?.seal(packet, true) ?? packet, to);
  }

  /** What was given to send before still leaves; what comes from now on is refused. Repeatable. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#closeWhenSent();
  }

  #receive(packet: Uint8Array, source: Address, rtcp: boolean): void {
    const secured = this.#secured;
    if (secured === undefined) return this.#take(packet, source, rtcp);
    if (secured.agreed) {
      const opened = secured.open(packet, rtcp);
      if (opened !== undefined) this.#take(opened, source, rtcp);
    } else if (this.#early.length < EARLY_MAX) {
      this.#early.push(() => this.#receive(packet, source, rtcp));
    }
  }

  #take(packet: Uint8Array, source: Address, rtcp: boolean): void {
    if (rtcp) this.#listener?.rtcp(packet, source);
    else this.#listener?.rtp(packet, source);
  }

  /** Node looks an address up, even a numeric one, in a later turn: a socket closed at once would send nothing. */
  #send(socket: Socket, packet: Uint8Array, to: Address): void {
    if (this.#closing) return;
    this.#unsent++;
    socket.send(packet, to.port, to.address, () => {
      this.#unsent--;
      this.#closeWhenSent();
    });
  }

  #closeWhenSent(): void {
    if (!this.#closing || this.#unsent > 0) return;
    this.#rtp.close();
    this.#rtcp.close();
  }
}

async function openPair(bind: string): Promise<[Socket, Socket] | undefined> {
  const rtp = await openSocket(bind, 0);
  const port = rtp?.address().port ?? 1;
  const rtcp = port % 2 === 0 ? await openSocket(bind, port + 1) : undefined;
  if (rtp !== undefined && rtcp !== undefined) return [rtp, rtcp];
  rtp?.close();
  return undefined;
}

async function openSocket(bind: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
  socket.bind(port, bind);
  try {
    await once(socket, 'listening');
    return socket;
  } catch {
    socket.close();
    return undefined;
  }
}
