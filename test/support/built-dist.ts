import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The folder of the built code; builds it when it is not there (`npm test` has built it before). */
export function builtDist(): string {
  const dist = join(root, 'dist');
  if (!existsSync(join(dist, 'sip-scripts/phone.js'))) {
    execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'ignore' });
  }
  return dist;
}

/** A file of real input that the repository ships. */
export const shippedMedia = (name: string): string => join(root, 'sip-scripts/media', name);
