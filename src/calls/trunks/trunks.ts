import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { TrunkOverview } from '../overview.ts';
import { HopHealth } from './hop-health.ts';
import { PrefixTable } from './prefix-table.ts';
import { hopUri } from './trunk.ts';
import type { Hop, Trunk, TrunkPlan } from './trunk.ts';

/** One way to reach a number outside. */
export interface Way {
  readonly trunk: Trunk;
  readonly hop: Hop;
  /** As the trunk wants it. */
  readonly number: string;
}

/** Next hops that one request is tried at: more would keep a caller waiting past patience. */
export const WAYS_MAX = 4;
/** How often it is looked whether a hop is due. */
const TICK_MS = 250;

/** Asks a hop with OPTIONS. @returns the status; @throws when there is no answer. */
export type Probe = (hop: Hop) => Promise<number>;

/** The trunks of this platform: who is one, which takes a number, and which of its next hops is alive. */
export class Trunks {
  readonly plan: TrunkPlan;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #table: PrefixTable;
  readonly #health: HopHealth;
  #ticking: NodeJS.Timeout | undefined;

  constructor(plan: TrunkPlan, clock: Clock, log: Log) {
    this.plan = plan;
    this.#clock = clock;
    this.#log = log;
    this.#table = new PrefixTable(plan.trunks);
    const hops = plan.trunks.flatMap(({ nextHops }) => nextHops);
    this.#health = new HopHealth(hops, plan.keepAlive, clock.now());
  }

  /** For the operator: what there is, and which next hops are alive. */
  overview(): readonly TrunkOverview[] {
    return this.plan.trunks.map(({ name, from, prefixes, nextHops }) => ({
      name,
      from: from.map(({ text }) => text),
      prefixes: prefixes.map(({ prefix }) => prefix),
      nextHops: nextHops.map((hop) => ({ uri: hopUri(hop), alive: this.#health.isAlive(hop) })),
    }));
  }

  /** The trunk that a request comes from, by its source address alone. */
  ofSource(address: string): Trunk | undefined {
    return this.plan.trunks.find(({ from }) => from.some((range) => range.includes(address)));
  }

  /**
   * Every way to a number, best first: by prefix, then by the order of trunks and hops; the dead ones last, since somebody has to
   * find out that they live again.
   * @param number normalised. @param from the trunk that the call came from: it never goes back there.
   */
  ways(number: string, from?: Trunk): readonly Way[] {
    const ways = this.#table
      .routes(number)
      .filter(({ trunk }) => trunk !== from)
      .flatMap(({ trunk, number: written }) => waysOf(trunk, written));
    const isAlive = ({ hop }: Way): boolean => this.#health.isAlive(hop);
    const dead = ways.filter((way) => !isAlive(way));
    return [...ways.filter(isAlive), ...dead].slice(0, WAYS_MAX);
  }

  /** The ways back to a party of a trunk, whatever its prefixes say. */
  waysTo(trunk: Trunk, number: string): readonly Way[] {
    return waysOf(trunk, number).slice(0, WAYS_MAX);
  }

  /** What a hop answered; undefined when it did not. */
  report(hop: Hop, status: number | undefined): void {
    const change = this.#health.report(hop, status);
    if (change === 'died') this.#log.warn('trunk.hop-dead', { hop: hopUri(hop), status });
    if (change === 'recovered') this.#log.info('trunk.hop-alive', { hop: hopUri(hop) });
  }

  /** Asks every next hop from now on, at its interval. */
  start(probe: Probe): void {
    if (this.#ticking !== undefined || this.plan.keepAlive.seconds === 0) return;
    this.#ticking = setInterval(() => this.#ask(probe), TICK_MS);
    this.#ticking.unref();
  }

  stop(): void {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }

  #ask(probe: Probe): void {
    for (const hop of this.#health.due(this.#clock.now()))
      probe(hop).then(
        (status) => this.report(hop, status),
        () => this.report(hop, undefined),
      );
  }
}

const waysOf = (trunk: Trunk, number: string): readonly Way[] =>
  trunk.nextHops.map((hop) => ({ trunk, hop, number }));
