/**
 * A softphone process on sip.js that speaks the in-call protocol: options on the first line of stdin (or as the only
 * argument), then a JSON command a line; events come back on stdout. sip-scripts/README.md has the tables.
 */
import { createInterface } from 'node:readline';
import { COMMANDS } from './phone/commands.ts';
import { parseLine, type Fields } from './phone/lines.ts';
import { readPhoneOptions } from './phone/phone-options.ts';
import { Softphone } from './phone/softphone.ts';
import { epochMs } from './streams/clock.ts';

const emit = (event: string, fields: Fields): void => {
  process.stdout.write(`${JSON.stringify({ event, at: epochMs(), ...fields })}\n`);
};

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Ends the process once what was written has left. */
const exit = (code: number): void => {
  process.stdout.write('', () => process.exit(code));
};

async function run(phone: Softphone, line: string): Promise<void> {
  const fields = parseLine(line);
  if (fields === undefined) {
    emit('error', { text: 'not a JSON object' });
    return;
  }
  const { id, command } = fields;
  try {
    const action = typeof command === 'string' ? COMMANDS[command] : undefined;
    if (action === undefined) throw new Error(`no such command: ${String(command)}`);
    emit('done', { ...(await action(phone, fields)), id });
  } catch (error) {
    emit('error', { id, text: textOf(error) });
  }
  if (command === 'quit') exit(0);
}

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
  const iterator = lines[Symbol.asyncIterator]();
  const first = process.argv[2] ?? (await iterator.next()).value;
  const options = readPhoneOptions(parseLine(String(first)) ?? {});
  const phone = new Softphone(options, emit);
  await phone.start();
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    // Commands run side by side: an INFO may wait for its answer while another is given.
    run(phone, next.value).catch((error: unknown) => emit('failed', { text: textOf(error) }));
  }
  // Whoever drove this phone is gone.
  await phone.quit();
  exit(0);
}

process.on('unhandledRejection', (error) => emit('failed', { text: textOf(error) }));
main().catch((error: unknown) => {
  emit('failed', { text: textOf(error) });
  exit(1);
});
