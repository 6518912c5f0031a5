import { media } from './media/media-bench.ts';
import { recording } from './recording-bench.ts';
import { sip } from './sip/sip-bench.ts';
import { smoothness } from './smoothness/smoothness-bench.ts';
import { srtp } from './srtp-bench.ts';
import { storage } from './storage/storage-bench.ts';

/**
 * `npm run bench -- NAME …`: measures the built platform. Each benchmark says in a comment what it measures, and prints a
 * table; with `--json`, one JSON object as the last line.
 */
const BENCHMARKS: Readonly<
  Record<string, (args: readonly string[], signal: AbortSignal) => Promise<void>>
> = { media, recording, sip, smoothness, srtp, storage };

/** As a shell has it for a process that SIGINT ended. */
const INTERRUPTED = 130;

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const bench = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
  if (bench === undefined) {
    throw new Error(`npm run bench -- ${Object.keys(BENCHMARKS).join('|')} [--json] …`);
  }
  const over = new AbortController();
  const interrupt = (): void => over.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    await bench(args, over.signal);
  } catch (cause) {
    if (!over.signal.aborted) throw cause;
    process.exitCode = INTERRUPTED;
  }
}

main(process.argv.slice(2)).catch((cause: unknown) => {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
});
