#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { UsageError } from './commands/command.ts';
import { COMMAND_WORDS, helpText, OPTIONS } from './commands/command-words.ts';
import type { Command } from './commands/command.ts';
import { ConfigError } from './config.ts';
import { nearestWord } from './incall/nearest-word.ts';
import { loadConfig } from './load-config.ts';

/** Loaded when asked for: a list of subscribers needs no SIP server. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
  subscribers: async () => (await import('./commands/subscribers.ts')).subscribers,
  transfers: async () => (await import('./commands/transfers.ts')).transfers,
  reconcile: async () => (await import('./commands/reconcile.ts')).reconcile,
  trunks: async () => (await import('./commands/trunks.ts')).trunks,
  spool: async () => (await import('./commands/spool.ts')).spool,
  webhooks: async () => (await import('./commands/webhooks.ts')).webhooks,
  drain: async () => (await import('./commands/drain.ts')).drain,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  completion: async () => (await import('./commands/completion.ts')).completion,
};

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
    print(helpText());
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) throw unknownCommand(name);
  refuseOptions(name, Object.keys(values));
  const config = loadConfig(process.env);
  const json = values.json ?? false;
  const command = await load();
  return command({ config, words: rest, options: values, json, print });
}

/** An option that a command does not know would be one that does nothing. */
function refuseOptions(command: string, given: readonly string[]): void {
  const known = COMMAND_WORDS.filter(({ words }) => words[0] === command).flatMap(({ options }) =>
    Object.keys(options ?? {}),
  );
  for (const option of given)
    if (option !== 'json' && !known.includes(option))
      throw new UsageError(`midcall ${command} has no option --${option}`);
}

function unknownCommand(name: string): UsageError {
  const meant = nearestWord(name, Object.keys(COMMANDS));
  const advice = meant === undefined ? helpText() : `Did you mean: midcall ${meant}`;
  return new UsageError(`there is no command ${name}\n\n${advice}`);
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
