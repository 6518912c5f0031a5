/**
 * Loaded before a program with `node --require`: writes a CPU profile of each of its threads to the folder BENCH_PROFILE when
 * the thread ends. Node's own --cpu-prof may not be set by NODE_OPTIONS.
 */
const { writeFileSync, mkdirSync } = require('node:fs');
const { Session } = require('node:inspector');
const { join } = require('node:path');
const { threadId } = require('node:worker_threads');

const folder = process.env.BENCH_PROFILE;
mkdirSync(folder, { recursive: true });
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.start');
process.on('exit', () => {
  session.post('Profiler.stop', (error, result) => {
    if (error) return;
    const name = `${process.pid}-${threadId}.cpuprofile`;
    writeFileSync(join(folder, name), JSON.stringify(result.profile));
  });
});
