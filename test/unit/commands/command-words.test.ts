import { expect, test } from '@jest/globals';
import { COMMAND_WORDS, helpText, OPTIONS, usageOf } from '../../../src/commands/command-words.ts';

test('help has a line for each command, none longer than a terminal is wide by much', () => {
  const help = helpText();
  for (const command of COMMAND_WORDS) expect(help).toContain(`midcall ${usageOf(command)}`);
  for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(140);
});

test('what must be given is not in brackets', () => {
  const usage = COMMAND_WORDS.map(usageOf);
  expect(usage).toContain('transfers fetch ID --output FILE');
  expect(usage).toContain('transfers list [--account NUMBER]');
});

test('every option belongs to a command', () => {
  const used = new Set(COMMAND_WORDS.flatMap(({ options }) => Object.keys(options ?? {})));
  expect(Object.keys(OPTIONS).filter((name) => !used.has(name))).toEqual(['json', 'help']);
});
