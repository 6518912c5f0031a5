/**
 * `npm run demo`: midcall on free ports and three phones, all in processes of their own; a file and a stream stored and
 * passed on in the middle of calls; and checks of everything that was promised.
 */
import { join } from 'node:path';
import { readDemoOptions, USAGE, type DemoOptions } from './demo/demo-options.ts';
import { play } from './demo/play.ts';
import { Screen } from './demo/screen.ts';

/** The folder of the built code, and the shipped input in the source tree beside it. */
const DIST = join(import.meta.dirname, '..');
const MEDIA = join(DIST, '../sip-scripts/media');
const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

let strike: (() => Promise<unknown>) | undefined;

async function run(options: DemoOptions): Promise<number> {
  const output = {
    isTTY: process.stdout.isTTY,
    write: (text: string) => void process.stdout.write(text),
  };
  const outcome = await play({
    options,
    dist: DIST,
    media: MEDIA,
    screen: new Screen(output),
    onStage: (end) => {
      strike = end;
    },
  });
  if (options.json) console.log(JSON.stringify(outcome));
  else console.log(outcome.ok ? 'All of it held.' : 'Some of it did not hold.');
  return outcome.ok ? EXIT.ok : EXIT.failed;
}

function failed(error: unknown, json: boolean): number {
  const text = error instanceof Error ? error.message : String(error);
  if (json) console.log(JSON.stringify({ ok: false, checks: [], error: text }));
  else console.error(`The demo could not be played to its end: ${text}`);
  return EXIT.failed;
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(USAGE);
    return EXIT.ok;
  }
  let options: DemoOptions;
  try {
    options = readDemoOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return EXIT.usage;
  }
  return run(options).catch((error: unknown) => failed(error, options.json));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    const ended = strike?.() ?? Promise.resolve();
    ended.finally(() => process.exit(EXIT.interrupted)).catch(() => {});
  });
}
process.exitCode = await main(process.argv.slice(2));
