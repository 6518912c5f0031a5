import { execFile } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SOURCES = join(import.meta.dirname, 'native');
const BUILT = join(import.meta.dirname, '../../../build/bench');
const FLAGS = ['-std=c++17', '-O2', '-Wall', '-Wextra', '-pthread'];

/** Paths of the benchmark's programs in C++. */
export interface Programs {
  readonly load: string;
  readonly relay: string;
}

/** Builds what is older than its sources. @throws Error when there is no g++, or it does not like them. */
export async function buildPrograms(): Promise<Programs> {
  await mkdir(BUILT, { recursive: true });
  return { load: await built('load'), relay: await built('relay') };
}

async function built(name: string): Promise<string> {
  const program = join(BUILT, name);
  const sources = [`${name}.cc`, 'process.h', 'histogram.h'].map((file) => join(SOURCES, file));
  const ages = await Promise.all(sources.map(changedAt));
  if ((await changedAt(program)) > Math.max(...ages)) return program;
  await run('g++', [...FLAGS, '-o', program, join(SOURCES, `${name}.cc`)]);
  return program;
}

/** Epoch ms; 0 when it is not there. */
const changedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
