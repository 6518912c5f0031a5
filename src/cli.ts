#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { UsageError } from './commands/command.ts';
import type { Command } from './commands/command.ts';
import { ConfigError } from './config.ts';
import { loadConfig } from './load-config.ts';

/** Loaded when asked for: a list of subscribers needs no SIP server. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
  subscribers: async () => (await import('./commands/subscribers.ts')).subscribers,
  transfers: async () => (await import('./commands/transfers.ts')).transfers,
  reconcile: async () => (await import('./commands/reconcile.ts')).reconcile,
  trunks: async () => (await import('./commands/trunks.ts')).trunks,
  spool: async () => (await import('./commands/spool.ts')).spool,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
};

const HELP = `midcall: store a file or a stream in the middle of a call

  midcall serve                               run the platform
  midcall subscribers add NUMBER              [--password P] [--storage-password P] [--space 1GB] [--threshold 30%]
  midcall subscribers list
  midcall subscribers remove NUMBER
  midcall transfers list                      [--account NUMBER]
  midcall transfers show ID
  midcall transfers fetch ID --output FILE
  midcall transfers delete ID
  midcall spool list                          what is not stored as an object yet
  midcall spool inspect FILE                  what a spool says by itself; the id of a transfer will do
  midcall spool export FILE --output FILE     its packets as a capture (.pcap)
  midcall reconcile [--fix]                   compares state, objects and spools; [--grace MINUTES] leaves alone what is younger
  midcall trunks list                         the operators' trunks, as configured
  midcall doctor                              what would keep it from running well here

  --json on all. Settings are environment variables: see README.md.`;

const OPTIONS = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  password: { type: 'string' },
  'storage-password': { type: 'string' },
  space: { type: 'string' },
  threshold: { type: 'string' },
  account: { type: 'string' },
  output: { type: 'string', short: 'o' },
  fix: { type: 'boolean' },
  grace: { type: 'string' },
} as const;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (values.help || name === undefined || name === 'help') {
    print(HELP);
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) throw new UsageError(`there is no command ${name}\n\n${HELP}`);
  const config = loadConfig(process.env);
  const json = values.json ?? false;
  const command = await load();
  return command({ config, words: rest, options: values, json, print });
}

/** Mistakes of the person at the keyboard need a sentence, not a stack. */
function explain(cause: unknown): string {
  const isTheirs =
    cause instanceof UsageError ||
    cause instanceof ConfigError ||
    (cause instanceof TypeError &&
      'code' in cause &&
      String(cause.code).startsWith('ERR_PARSE_ARGS'));
  if (cause instanceof Error) return isTheirs ? cause.message : (cause.stack ?? cause.message);
  return String(cause);
}

main(process.argv.slice(2)).then(
  // What was printed into a pipe is written out first.
  (code) => process.stdout.write('', () => process.exit(code)),
  (cause: unknown) => {
    process.stderr.write(`midcall: ${explain(cause)}\n`);
    process.exit(1);
  },
);
