import type { Config } from './config.ts';
import type { ReconcilerTerms } from './reconcile/reconciler.ts';

/** Longer than anything takes that puts several things in order. */
const GRACE_MS = 300_000;

/** @param who a running platform, or the command line. */
export const reconcilerTerms = (config: Config, who: 'platform' | 'command'): ReconcilerTerms => ({
  graceMs: GRACE_MS,
  promptMs: config.promptSeconds * 1_000,
  hasAllSpools: config.state === 'embedded',
  isPlatform: who === 'platform',
});
