/** Before the first and after the last test of the wire project: a folder for what its test files share, and its end. */
const { existsSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ENDED_MS_MAX = 20_000;
const POLL_MS = 50;

module.exports = function begin() {
  process.env.TEST_WIRE_RUN = mkdtempSync(path.join(os.tmpdir(), 'midcall-run-'));
  process.env.TEST_WIRE_PID = String(process.pid);
};

module.exports.end = async function end() {
  const folder = process.env.TEST_WIRE_RUN;
  const pidFile = path.join(folder, 'rgw.pid');
  if (existsSync(pidFile)) await endProcess(Number(readFileSync(pidFile, 'utf8')));
  rmSync(folder, { recursive: true, force: true });
};

async function endProcess(pid) {
  const deadline = performance.now() + ENDED_MS_MAX;
  for (let signal = 'SIGTERM'; performance.now() < deadline; signal = 0) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
