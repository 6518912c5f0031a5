/**
 * `npm run test:crash -- [--seeds N] [--first SEED] [--backend fs|s3] [--disturb NAME] [--json]`: kills a platform that
 * carries transfers, or what it needs, and says which seeds failed (README.md). With `--json`, one object as the last line.
 */
const { parseArgs } = require('node:util');
require('../support/typescript.cjs');
const beginRun = require('../support/wire-run.cjs');
const { playCrashes } = require('./crash-run.ts');
const { playDisturbances } = require('./disturbances.ts');

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'fs' },
    disturb: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

async function main() {
  const startedMs = performance.now();
  const first = Number(values.first);
  const seeds = Array.from({ length: Number(values.seeds) }, (_, at) => first + at);
  const tell = (seed, faults) =>
    process.stderr.write(`seed ${seed}: ${faults.length === 0 ? 'ok' : faults.join('\n  ')}\n`);
  beginRun();
  try {
    const played =
      values.disturb === undefined
        ? await playCrashes(seeds, values.backend, tell)
        : await playDisturbances(seeds, values.disturb, tell);
    const { sums, failures } = played;
    const realMs = Math.round(performance.now() - startedMs);
    const result = { of: values.disturb ?? values.backend, ...sums, realMs, failures };
    process.stdout.write(`${JSON.stringify(result, null, values.json ? 0 : 2)}\n`);
    process.exitCode = Object.keys(failures).length > 0 ? 1 : 0;
  } finally {
    await beginRun.end();
  }
}

// Conversations that a kill cut off wait for answers that do not come.
main()
  .catch((cause) => {
    console.error(cause);
    process.exitCode = 1;
  })
  .finally(() => process.exit());
