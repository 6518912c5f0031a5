import { readFileSync, writeFileSync } from 'node:fs';
import { randomHex, type Random } from '../base/clock.ts';
import { hasCode } from '../base/node-error.ts';

const SECRET_BYTES = 32;
const OWNER_ONLY = 0o600;

/** A secret of this machine: what the file has, which is made at the first start. @throws the node error. */
export function keptSecret(path: string, random: Random): string {
  try {
    writeFileSync(path, randomHex(random, SECRET_BYTES), { flag: 'wx', mode: OWNER_ONLY });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
