import { doWork, type Extra, type Work } from './storage-work.ts';

/** What one row cost its process. */
export interface Cost extends Extra {
  readonly bytes: number;
  readonly ms: number;
  readonly cpuMs: number;
  /** Most resident memory, over that before the work. */
  readonly grownBytes: number;
}

const SAMPLE_MS = 5;

/** `storage-run.ts WORK`: does the work that the JSON says in a process of its own, and prints its cost as JSON. */
async function main(work: Work): Promise<void> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), SAMPLE_MS);
  const cpu = process.cpuUsage();
  const started = performance.now();
  const done = await doWork(work);
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(sampling);
  const cost: Cost = { ...done, ms, cpuMs: (user + system) / 1_000, grownBytes: peak - before };
  process.stdout.write(JSON.stringify(cost), () => process.exit());
}

void main(JSON.parse(process.argv[2] ?? '') as Work);
