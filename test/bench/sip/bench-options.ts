import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Calls a second, one run each. */
  readonly rates: readonly number[];
  /** Length of the window that is measured, s; a soak's whole length. */
  readonly seconds: number;
  /** One long run that watches memory, instead of runs that watch time. */
  readonly soak: boolean;
  /** What MIDCALL_MEDIA_ANCHOR is set to, one run each. */
  readonly anchors: readonly Anchor[];
  readonly json: boolean;
  /** Folder of the built platform; the repository's own when not given. */
  readonly dist: string | undefined;
  /** Folder for CPU profiles of the platform, one for each thread. */
  readonly profile: string | undefined;
}

export type Anchor = 'always' | 'never';
const ANCHORS: readonly Anchor[] = ['always', 'never'];

const DEFAULT_RATES = '200,400,600';
const DEFAULT_SECONDS = '30';
const DEFAULT_SOAK_RATE = '100';
/** SIPp is one thread: beyond, it measures itself. */
export const RATE_MAX = 5_000;
export const SECONDS_MAX = 86_400;

/** @throws Error that says how it is used. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      rates: { type: 'string' },
      rate: { type: 'string' },
      seconds: { type: 'string', default: DEFAULT_SECONDS },
      soak: { type: 'string' },
      anchor: { type: 'string' },
      dist: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const { json, soak, anchor, dist, profile } = values;
  const rates =
    values.rates ?? values.rate ?? (soak === undefined ? DEFAULT_RATES : DEFAULT_SOAK_RATE);
  return {
    rates: rates.split(',').map((rate) => whole('--rates', rate, RATE_MAX)),
    seconds: whole('--seconds', soak ?? values.seconds, SECONDS_MAX),
    soak: soak !== undefined,
    anchors: anchorsOf(anchor, soak !== undefined),
    json,
    dist,
    profile,
  };
}

/** A soak is long, so one will do: as in production. */
function anchorsOf(written: string | undefined, soak: boolean): readonly Anchor[] {
  if (written === undefined) return soak ? ['always'] : ANCHORS;
  const known = ANCHORS.filter((anchor) => anchor === written);
  if (known.length === 0) throw new Error(`--anchor takes ${ANCHORS.join(' or ')}`);
  return known;
}

function whole(option: string, text: string, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw new Error(`${option}: "${text}" is not 1 to ${max}`);
  return value;
}
