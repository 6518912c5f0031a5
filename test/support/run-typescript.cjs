/**
 * `node run-typescript.cjs FILE.ts ARGUMENT …` runs a file of the sources in a process of its own: TypeScript through swc,
 * as jest does it.
 */
const { resolve } = require('node:path');
require('./typescript.cjs');

process.argv.splice(1, 1);
require(resolve(process.argv[1]));
