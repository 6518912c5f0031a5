import { cpus } from 'node:os';
import { cost } from './cost.ts';
import { highest, type Base } from './highest.ts';
import { parseMediaOptions, type MediaBenchOptions } from './media-options.ts';
import { idleMemory, soak } from './memory.ts';
import { buildPrograms } from './native-programs.ts';
import { hasRtpengine } from './rtpengine.ts';

/**
 * What a packet costs on its way through the product: received, counted, put in order, checksummed, written and synced, and
 * sent on to the receiver; or relayed from phone to phone. Beside it, in the same minutes and from the same load: the least
 * that a relay in C can be, and rtpengine. Each is a process of its own, on a core of its own where there are two.
 */
export async function media(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = await possible(parseMediaOptions(args));
  const base = { programs: await buildPrograms(), profile: options.profile, signal };
  const result = await measured(options, base);
  const machine = { benchmark: 'media', node: process.version, cpus: cpus().length };
  const { seconds, rounds } = options;
  if (options.json) print(JSON.stringify({ ...machine, seconds, rounds, ...Object(result) }));
}

function measured(options: MediaBenchOptions, base: Base): Promise<unknown> {
  if (options.idle !== undefined) return idleMemory(options.idle, options, base, print);
  if (options.soak !== undefined) return soak(options.soak, options, base, print);
  return options.highestRate ? highest(options, base, print) : cost(options, base, print);
}

/** Without rtpengine the rest is measured all the same. */
async function possible(options: MediaBenchOptions): Promise<MediaBenchOptions> {
  const wanted = options.subjects.some(isRtpengine);
  if (!wanted || (await hasRtpengine())) return options;
  print('rtpengine is not here: on Debian, apt-get install rtpengine-daemon');
  return { ...options, subjects: options.subjects.filter((name) => !isRtpengine(name)) };
}

const isRtpengine = (name: string): boolean => name.startsWith('rtpengine');

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
