import { MidcallError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { InCallEvent } from '../incall/events.ts';
import type { Parties, Party, PlacedOffer } from '../transfers/ports.ts';
import type { NodeLinks } from './node-links.ts';
import type { Places } from './places.ts';

/** Messages on their way to one party of another node. Beyond, a status is dropped: the next one says more. */
export const WAITING_MAX = 64;

export interface FarPartiesPorts {
  readonly local: () => Parties;
  readonly links: Pick<NodeLinks, 'send'>;
  readonly places: Pick<Places, 'find'>;
  readonly log: Log;
}

interface Line {
  waiting: number;
  /** The end of the queue. */
  last: Promise<void>;
}

/** The parties of all nodes: those in calls of another one are reached through it. */
export class FarParties implements Parties {
  readonly #ports: FarPartiesPorts;
  readonly #lines = new Map<string, Line>();

  constructor(ports: FarPartiesPorts) {
    this.#ports = ports;
  }

  tell(party: Party, event: InCallEvent): void {
    if (party.node === undefined) return this.#ports.local().tell(party, event);
    this.#send(party.node, party, event);
  }

  /** One at a time, so that they arrive in order. */
  #send(node: string, { number, leg }: Party, event: InCallEvent): void {
    const { links, log } = this.#ports;
    const key = `${node} ${leg?.call ?? ''};${leg?.side ?? number}`;
    const line = this.#lines.get(key) ?? { waiting: 0, last: Promise.resolve() };
    if (line.waiting >= WAITING_MAX && event.type === 'transfer-status') return;
    this.#lines.set(key, line);
    line.waiting += 1;
    const to = { number, ...(leg === undefined ? {} : { leg }) };
    line.last = line.last
      .then(() => links.send(node, { kind: 'event', to, event }))
      .catch((cause: unknown) =>
        log.warn('party.not-told', { number, node, type: event.type, cause: String(cause) }),
      )
      .finally(() => {
        line.waiting -= 1;
        if (line.waiting === 0) this.#lines.delete(key);
      });
  }

  async inCall(number: string, call: string | undefined): Promise<Party | undefined> {
    const { local, places } = this.#ports;
    const near = await local().inCall(number, call);
    if (near !== undefined && (call === undefined || near.leg?.call === call)) return near;
    const far = await places.find(number, call);
    return far !== undefined && far.leg?.call === call ? far : (near ?? far);
  }

  async reachable(number: string): Promise<Party | undefined> {
    return (await this.inCall(number, undefined)) ?? this.#ports.local().reachable(number);
  }

  /** Adding a line to a call of another node would take an answer from there: not done. */
  offer(party: Party, transfer: string, sdp: string): Promise<PlacedOffer> {
    if (party.node === undefined) return this.#ports.local().offer(party, transfer, sdp);
    throw new MidcallError(
      'transport-not-supported',
      'your call is at another node: ask with an offer, or fetch it later',
    );
  }
}
