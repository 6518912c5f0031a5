import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where npm's `sip` keeps the messages of RFC 4475. */
const FOLDER = join(import.meta.dirname, '../../node_modules/sip/test/messages');

/** One message lies there in two files. */
const SPLIT: Readonly<Record<string, readonly string[]>> = { baddn: ['baddn', 'baddn_sep'] };

/** A message of RFC 4475 §3 by the name it has there, such as `wsinv`. @throws when the package has no such message. */
export function tortureMessage(name: string): Buffer {
  const files = SPLIT[name] ?? [name];
  return Buffer.concat(files.map((file) => readFileSync(join(FOLDER, `${file}.dat`))));
}
