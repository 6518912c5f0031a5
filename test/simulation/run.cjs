/**
 * `npm run test:sim -- [--seeds N] [--first SEED] [--json]`: plays whole calls, and says which seeds failed. Seeds count
 * from 1, or from SEED. With `--json`, one object as the last line. Runs the sources as they are, as jest does.
 */
const { parseArgs } = require('node:util');
require('../support/typescript.cjs');
const { playSeeds, seedsFrom } = require('../support/whole-call/seeds.ts');

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    first: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

async function main() {
  const startedMs = performance.now();
  const { sums, failures } = await playSeeds(seedsFrom(Number(values.first), Number(values.seeds)));
  const result = { ...sums, realMs: Math.round(performance.now() - startedMs), failures };
  process.stdout.write(
    `${values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2)}\n`,
  );
  process.exitCode = Object.keys(failures).length > 0 ? 1 : 0;
}

main();
