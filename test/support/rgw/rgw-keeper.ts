import { rename, writeFile } from 'node:fs/promises';
import { startRgw, type RgwServer } from './rgw-server.ts';

const LOOK_MS = 500;

/**
 * `rgw-keeper.ts FILE PID`: a process that runs one Ceph RGW for all test files of a run, since that costs 60 MB and 13 s.
 * Writes where it is to FILE. Ends with the run, whose process is PID, however that ends; or on SIGTERM.
 */
async function main(file: string, runPid: number): Promise<void> {
  const over = new AbortController();
  process.once('SIGTERM', () => over.abort());
  const looking = setInterval(() => {
    if (!isAlive(runPid)) over.abort();
  }, LOOK_MS);
  try {
    await keep(file, over.signal);
  } finally {
    clearInterval(looking);
  }
}

async function keep(file: string, over: AbortSignal): Promise<void> {
  let server: RgwServer | undefined;
  try {
    server = await startRgw(over);
    await tell(file, { endpoint: server.endpoint });
    if (!over.aborted) await new Promise((resolve) => over.addEventListener('abort', resolve));
  } catch (cause) {
    await tell(file, { failed: String(cause) });
  } finally {
    await server?.close();
  }
}

/** All at once, for those who look at it. When the run is over nobody does. */
async function tell(file: string, facts: object): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(facts))
    .then(() => rename(`${file}.new`, file))
    .catch(() => undefined);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const [file = '', pid = ''] = process.argv.slice(2);
void main(file, Number(pid));
