import { randomHex } from '../base/clock.ts';
import type { Clock, Random } from '../base/clock.ts';
import { MidcallError } from '../base/errors.ts';
import type { Membership } from './membership.ts';
import {
  NODE_MESSAGE_BYTES_MAX,
  openEnvelope,
  signatureOf,
  type Envelope,
  type NodeMessage,
} from './node-message.ts';
import { ReplayWindow } from './replay-window.ts';

const ID_BYTES = 8;
/** A party that heard that a node is down may try again then. */
const RETRY_AFTER_SECONDS = 30;

export interface LinkPorts {
  readonly membership: Pick<Membership, 'lease' | 'find'>;
  /** Carries a body to a node, by SIP. @returns the status of the answer. @throws when none comes. */
  readonly send: (uri: string, body: string, signature: string) => Promise<number>;
  readonly clock: Pick<Clock, 'wallclock'>;
  readonly random: Random;
  readonly secret: string;
}

/** Signed messages between platforms on one state. */
export class NodeLinks {
  readonly #ports: LinkPorts;
  readonly #window = new ReplayWindow();

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  /** @throws MidcallError `storage-unavailable` when the node is dead, or does not take it. */
  async send(node: string, message: NodeMessage): Promise<void> {
    const { membership, send, clock, random, secret } = this.#ports;
    const uri = (await membership.find(node))?.uri;
    if (!uri) throw nodeDown(node);
    const envelope: Envelope = {
      v: 1,
      from: membership.lease.node,
      to: node,
      id: randomHex(random, ID_BYTES),
      at: clock.wallclock(),
      message,
    };
    const body = JSON.stringify(envelope);
    if (Buffer.byteLength(body) > NODE_MESSAGE_BYTES_MAX)
      throw new MidcallError('bad-request', 'this is too long for another node');
    const status = await send(uri, body, signatureOf(secret, body)).catch(() => 408);
    if (status >= 300) throw nodeDown(node);
  }

  /** @returns undefined when it is forged, stale, a repetition, or for another node. */
  receive(body: string, signature: string): Envelope | undefined {
    const { membership, clock, secret } = this.#ports;
    const envelope = openEnvelope(body, signature, secret);
    if (envelope === undefined || envelope.to !== membership.lease.node) return undefined;
    const isNew = this.#window.admit(envelope.id, envelope.at, clock.wallclock());
    return isNew ? envelope : undefined;
  }
}

const nodeDown = (node: string): MidcallError =>
  new MidcallError('storage-unavailable', `node ${node} can not be reached`, {
    facts: { retryAfter: RETRY_AFTER_SECONDS },
  });
