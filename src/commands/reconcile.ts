import { setTimeout as wait } from 'node:timers/promises';
import { MidcallError } from '../base/errors.ts';
import { SILENT } from '../base/log.ts';
import { systemClock } from '../net/system-clock.ts';
import { FINDINGS } from '../reconcile/findings.ts';
import { Reconciler, type Outcome } from '../reconcile/reconciler.ts';
import { reconcilerTerms } from '../reconcile-terms.ts';
import { SpoolRecorder } from '../recording/recorder.ts';
import { optionText, UsageError } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { openObjects, scratchFolder, spoolFolder, withState } from './with-state.ts';

/** As of `diff`. */
const EXIT = { clean: 0, findings: 1, notCompared: 2 };
const MINUTE_MS = 60_000;
const USAGE = 'midcall reconcile [--fix] [--grace MINUTES] [--json]';

/**
 * `midcall reconcile [--fix] [--grace MINUTES]`: exit code 0 when nothing is wrong, or all of it was mended; 1 when something is left;
 * 2 when it could not be compared.
 */
export const reconcile: Command = async (invocation) => {
  if (invocation.words.length > 0) throw new UsageError(USAGE);
  const graceMs = graceOf(invocation);
  try {
    return report(await outcomes(invocation, graceMs), invocation);
  } catch (cause) {
    if (!(cause instanceof MidcallError)) throw cause;
    process.stderr.write(`midcall: could not compare: ${cause.message}\n`);
    return EXIT.notCompared;
  }
};

function graceOf(invocation: Invocation): number | undefined {
  const text = optionText(invocation, 'grace');
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text)) throw new UsageError('--grace takes whole minutes');
  return Number(text) * MINUTE_MS;
}

const outcomes = (
  { config, options }: Invocation,
  graceMs: number | undefined,
): Promise<readonly Outcome[]> =>
  withState(config, async (state) => {
    const objects = await openObjects(config, 'command');
    try {
      const folders = { spools: spoolFolder(config), scratch: scratchFolder(config) };
      const ports = { state, objects, recorder: new SpoolRecorder(folders, objects) };
      const reconciler = new Reconciler(
        {
          ...ports,
          spoolFolder: folders.spools,
          isLive: () => false,
          node: undefined,
          clock: systemClock,
          log: SILENT,
          wait: (ms) => wait(ms),
        },
        { ...reconcilerTerms(config, 'command'), ...(graceMs === undefined ? {} : { graceMs }) },
      );
      return await reconciler.run(options['fix'] === true ? 'all' : 'none');
    } finally {
      await objects.close();
    }
  });

function report(found: readonly Outcome[], { json, print, options }: Invocation): number {
  const isLeft = found.some(({ mended }) => !mended);
  if (json) {
    const findings = found.map(({ mend: _mend, ...row }) => ({
      ...row,
      fix: FINDINGS[row.code].fix,
    }));
    print(JSON.stringify({ clean: found.length === 0, findings }));
  } else if (found.length === 0) print('State, objects and spools agree.');
  else for (const outcome of found) print(lineOf(outcome, options['fix'] === true));
  return isLeft ? EXIT.findings : EXIT.clean;
}

function lineOf({ code, account, transfer, text, mended, cause }: Outcome, isFix: boolean): string {
  const { fix } = FINDINGS[code];
  const did = isFix
    ? mended
      ? 'mended'
      : `not mended${cause === undefined ? '' : `: ${cause}`}`
    : `--fix ${fix}`;
  return [code.padEnd(18), account, transfer ?? '', `${text}.`, did].filter(Boolean).join('  ');
}
