import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Command } from '../incall/commands.ts';
import type { Binding, StateStore } from '../state/state-store.ts';
import type { Parties, Party } from '../transfers/ports.ts';
import { errorOf } from '../transfers/transfers.ts';
import type { Transfers } from '../transfers/transfers.ts';
import { CommandRoutes } from './command-routes.ts';
import { FarParties } from './far-parties.ts';
import { FarTransfers } from './far-transfers.ts';
import { Hops, type ForeignCallee, type PhoneWay } from './hops.ts';
import type { Membership } from './membership.ts';
import { NodeLinks } from './node-links.ts';
import type { Envelope, NodeMessage } from './node-message.ts';
import { Places } from './places.ts';

/** What this platform does for the others; known once it is built. */
export interface Home {
  readonly parties: Parties;
  readonly transfers: Pick<Transfers, 'handle' | 'callEnded' | 'takesPart' | 'callsAt'>;
  readonly calls: {
    /** A text that somebody wrote who may be in a call here. */
    typed(text: string, from: string, to: string): void;
    /** @returns the status of the answer. @throws when none comes. */
    sendToNode(uri: string, body: string, signature: string): Promise<number>;
  };
}

export interface NeighbourhoodPorts {
  readonly state: Pick<
    StateStore,
    'bindings' | 'prompt' | 'transfer' | 'putPlace' | 'removePlace' | 'places' | 'nodes'
  >;
  readonly membership: Membership;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Shared by all nodes. */
  readonly secret: string;
  readonly home: () => Home;
}

/** Lets parties and transfers of different platforms meet as if they were at one. */
export class Neighbourhood {
  readonly #ports: NeighbourhoodPorts;
  readonly #links: NodeLinks;
  readonly #places: Places;
  readonly #hops: Hops;
  readonly #far = new FarTransfers();
  readonly #routes: CommandRoutes;
  /** Nodes with transfers in which a call here takes part, by call. */
  readonly #tied = new Map<string, Set<string>>();
  readonly parties: Parties;
  /** Messages and requests that were forged, stale, repeated, or for somebody else. */
  #refused = 0;

  constructor(ports: NeighbourhoodPorts) {
    const { home, state, log } = ports;
    this.#ports = ports;
    this.#links = new NodeLinks({
      ...ports,
      send: (uri, body, signature) => home().calls.sendToNode(uri, body, signature),
    });
    this.#places = new Places(ports);
    this.#hops = new Hops(ports);
    const takesPart: Home['transfers']['takesPart'] = (beginning, from) =>
      home().transfers.takesPart(beginning, from);
    this.#routes = new CommandRoutes({ state, far: this.#far, takesPart });
    const local = (): Parties => home().parties;
    this.parties = new FarParties({ local, links: this.#links, places: this.#places, log });
  }

  get refused(): number {
    return this.#refused;
  }

  /** Has a command of a party here carried out, by whom it is for. Never rejects. */
  async handle(command: Command, from: Party): Promise<void> {
    const { home, membership } = this.#ports;
    const { node: own } = membership.lease;
    try {
      const node = (await this.#routes.nodeOf(command, from)) ?? own;
      if (node === own) return await home().transfers.handle(command, from);
      this.#tie(from, node);
      await this.#links.send(node, { kind: 'command', from: { ...from, node: own }, command });
    } catch (cause) {
      home().parties.tell(from, errorOf(command, cause));
    }
  }

  /** @throws MidcallError `storage-unavailable`. */
  wayTo(number: string, binding: Binding): Promise<PhoneWay> {
    return this.#hops.wayTo(number, binding);
  }

  /** @returns whose phone a request is for that another node sent; undefined when we do not believe it. */
  async arrived(header: string): Promise<ForeignCallee | undefined> {
    const callee = await this.#hops.arrived(header);
    if (callee === undefined) this.#refuse('hop');
    return callee;
  }

  came(party: Party): void {
    this.#places.came(party);
  }

  went(party: Party): void {
    this.#places.went(party);
  }

  /** Brings a text to the node where its writer is in a call. @returns false when there is none. */
  async pass(text: string, from: string, to: string): Promise<boolean> {
    try {
      const party = await this.#places.find(from, undefined);
      if (party?.node === undefined) return false;
      await this.#links.send(party.node, { kind: 'text', from, to, text });
      return true;
    } catch (cause) {
      this.#ports.log.warn('text.not-passed', { number: from, cause: String(cause) });
      return false;
    }
  }

  /** A call here is over: transfers here, and those elsewhere that it took part in, hear of it. */
  async callEnded(call: string): Promise<void> {
    await this.#ports.home().transfers.callEnded(call);
    for (const node of this.#tied.get(call) ?? [])
      this.#links
        .send(node, { kind: 'call-ended', call })
        .catch((cause: unknown) =>
          this.#ports.log.warn('call-end.not-told', { call, node, cause: String(cause) }),
        );
    this.#tied.delete(call);
  }

  /** A node died, and its calls with it. */
  nodeGone(node: string): void {
    const { transfers } = this.#ports.home();
    for (const call of transfers.callsAt(node)) void transfers.callEnded(call);
  }

  /** @returns the SIP status. */
  receive(body: string, signature: string): number {
    const envelope = this.#links.receive(body, signature);
    if (envelope === undefined) {
      this.#refuse('message');
      return 403;
    }
    this.#carryOut(envelope);
    return 200;
  }

  #refuse(what: string): void {
    this.#refused += 1;
    this.#ports.log.warn('node.refused', { what, refused: this.#refused });
  }

  #carryOut({ message, from: node }: Envelope): void {
    const { home } = this.#ports;
    const handlers: {
      readonly [K in NodeMessage['kind']]: (said: Extract<NodeMessage, { kind: K }>) => void;
    } = {
      command: ({ command, from }) => void home().transfers.handle(command, from),
      text: ({ text, from, to }) => home().calls.typed(text, from, to),
      'call-ended': ({ call }) => void home().transfers.callEnded(call),
      event: ({ to, event }) => {
        this.#far.note(to.number, event, node);
        this.#tie(to, node);
        home().parties.tell(to, event);
      },
    };
    const handle = handlers[message.kind] as ((said: NodeMessage) => void) | undefined;
    handle?.(message);
  }

  #tie({ leg }: Party, node: string): void {
    if (leg === undefined || !this.#places.has(leg)) return;
    const nodes = this.#tied.get(leg.call) ?? new Set();
    this.#tied.set(leg.call, nodes.add(node));
  }
}
