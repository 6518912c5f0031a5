import { hasCode } from '../base/node-error.ts';
import type { Log } from '../base/log.ts';
import { stackOf } from '../transfers/turns.ts';
import { compareAccount, compareTransfer } from './compare.ts';
import type { Terms } from './facts.ts';
import { FINDINGS, type Finding } from './findings.ts';
import { RunCounts } from './run-counts.ts';
import { Gathering, type Folder, type GatheringPorts } from './gathering.ts';
import { Mending, type MendingPorts } from './mending.ts';

/** Findings of one run; what is wrong beyond that is found by the next. */
export const FINDINGS_MAX = 10_000;
/**
 * What is found is looked at again after this long, and counts only if it is still so: longer than any verb of the state store
 * waits for its answer, so what another process was just doing is done, or has failed.
 */
export const SETTLE_MS = 6_000;
/** Lines in the log a run; the counts say the rest. */
export const LOGGED_MAX = 20;

export interface ReconcilerPorts extends GatheringPorts, MendingPorts {
  readonly log: Log;
  /** Resolves after so many ms. */
  readonly wait: (ms: number) => Promise<void>;
}

export type ReconcilerTerms = Omit<Terms, 'now'>;

/** Which findings are mended: none, those that leave no doubt, or all that can be. */
export type MendMode = 'none' | 'by-itself' | 'all';

export interface Outcome extends Finding {
  readonly mended: boolean;
  /** Why not, when that failed. */
  readonly cause?: string;
}

/** Compares state, objects and spools, and mends. */
export class Reconciler {
  readonly #ports: ReconcilerPorts;
  readonly #terms: ReconcilerTerms;
  readonly #gathering: Gathering;
  readonly #mending: Mending;
  #running: Promise<readonly Outcome[]> | undefined;
  /** Of `tend`. */
  readonly counts: RunCounts = new RunCounts();

  constructor(ports: ReconcilerPorts, terms: ReconcilerTerms) {
    this.#ports = ports;
    this.#terms = terms;
    this.#gathering = new Gathering(ports);
    this.#mending = new Mending(ports);
  }

  /** One at a time: a second asks for the result of the first. @throws MidcallError `storage-unavailable`, the disk's error. */
  run(mode: MendMode): Promise<readonly Outcome[]> {
    this.#running ??= this.#run(mode).finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** For a timer: mends what leaves no doubt, and says in the log what it found. Never rejects. */
  async tend(): Promise<void> {
    const { log, clock } = this.#ports;
    const from = clock.wallclock();
    try {
      const outcomes = await this.run('by-itself');
      for (const { code, account, transfer, text, mended } of outcomes.slice(0, LOGGED_MAX))
        log.warn('reconcile.found', { code, account, transfer, text, mended });
      this.counts.ended(outcomes, { from, to: clock.wallclock() });
      const mended = outcomes.filter((outcome) => outcome.mended).length;
      log.info('reconcile.done', { mended, left: outcomes.length - mended });
    } catch (cause) {
      if (hasCode(cause, 'ABORT_ERR')) return;
      this.counts.failed += 1;
      log.warn('reconcile.failed', { cause: stackOf(cause) });
    }
  }

  async #run(mode: MendMode): Promise<readonly Outcome[]> {
    const seen = await this.#look();
    if (seen.length === 0) return [];
    await this.#ports.wait(SETTLE_MS);
    const outcomes: Outcome[] = [];
    for (const findings of byTransfer(seen))
      for (const finding of await this.#still(findings))
        outcomes.push(await this.#mend(finding, mode));
    return outcomes;
  }

  async #look(): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    for await (const folder of this.#gathering.folders()) {
      for await (const found of this.#inFolder(folder)) findings.push(...found);
      if (findings.length >= FINDINGS_MAX) break;
    }
    return findings.slice(0, FINDINGS_MAX);
  }

  async *#inFolder({ accounts, facts, foreign }: Folder): AsyncIterable<readonly Finding[]> {
    for (const [account, holdings] of accounts) yield compareAccount(account, holdings);
    for await (const transfer of facts) yield compareTransfer(transfer, this.#now());
    yield foreign.map((key): Finding => {
      const [account = ''] = key.split('/', 1);
      return { code: 'object-unknown', account, text: key, mend: { do: 'nothing' } };
    });
  }

  /** The findings about one transfer, or one account, that are still so. */
  async #still(seen: readonly Finding[]): Promise<readonly Finding[]> {
    const [{ account, transfer, code } = NONE] = seen;
    if (transfer === undefined && code !== 'space-sum') return seen;
    const again =
      transfer === undefined
        ? compareAccount(account, await this.#gathering.holdings(account))
        : compareTransfer(await this.#gathering.transfer(transfer, account), this.#now());
    return again.filter((finding) => seen.some((before) => before.code === finding.code));
  }

  async #mend(finding: Finding, mode: MendMode): Promise<Outcome> {
    const isWanted = mode === 'all' || (mode === 'by-itself' && FINDINGS[finding.code].byItself);
    if (!isWanted) return { ...finding, mended: false };
    try {
      return { ...finding, mended: await this.#mending.mend(finding) };
    } catch (cause) {
      return { ...finding, mended: false, cause: String(cause) };
    }
  }

  #now(): Terms {
    return { ...this.#terms, now: this.#ports.clock.wallclock() };
  }
}

const NONE: Pick<Finding, 'account' | 'transfer' | 'code'> = { account: '', code: 'space-sum' };

/** What is found about one transfer is looked at, and mended, together and in order; foreign objects each for themselves. */
function byTransfer(findings: readonly Finding[]): Iterable<readonly Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { account, transfer, code, text } = finding;
    const isForeign = transfer === undefined && code !== 'space-sum';
    const key = JSON.stringify([account, transfer ?? '', isForeign ? text : '']);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return groups.values();
}
