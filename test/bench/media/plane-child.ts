import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { pidOf, spawnSubject } from './machine.ts';
import type { FromPlane, ToPlane } from './plane-messages.ts';

/** The process that runs the media plane, as the benchmark sees it. */
export class PlaneChild {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** @param profile folder for CPU profiles of its threads. */
  static async start(
    start: Omit<Extract<ToPlane, { type: 'start' }>, 'type'>,
    profile: string | undefined,
  ): Promise<PlaneChild> {
    const runner = join(import.meta.dirname, '../../support/run-typescript.cjs');
    const words = [process.execPath, runner, join(import.meta.dirname, 'plane-process.ts')];
    const child = spawnSubject(words, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...(profile === undefined ? {} : profiling(profile)) },
    });
    const plane = new PlaneChild(child);
    try {
      await plane.ask({ type: 'start', ...start });
    } catch (cause) {
      child.kill();
      throw cause;
    }
    return plane;
  }

  get pid(): number {
    return pidOf(this.#child);
  }

  /** One question at a time. @throws Error when it fails, or the process ends. */
  async ask(asked: ToPlane): Promise<FromPlane> {
    const ended = new AbortController();
    const { signal } = ended;
    try {
      const answered = once(this.#child, 'message', { signal });
      const gone = once(this.#child, 'exit', { signal }).then(() => {
        throw new Error('the media plane’s process ended');
      });
      this.#child.send(asked);
      // Comes from plane-process.ts, which answers with nothing else.
      const [said] = (await Promise.race([answered, gone])) as [FromPlane];
      gone.catch(() => undefined);
      if (said.type === 'failed') throw new Error(said.text);
      return said;
    } finally {
      ended.abort();
    }
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    await this.ask({ type: 'stop' }).catch(() => this.#child.kill());
    await exited;
  }
}

const profiling = (folder: string): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--require ${join(import.meta.dirname, '../cpu-profile.cjs')}`,
  BENCH_PROFILE: resolve(folder),
});
