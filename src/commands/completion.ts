import { UsageError } from './command.ts';
import type { Command } from './command.ts';
import { COMMAND_WORDS, OPTIONS } from './command-words.ts';

const unique = (words: readonly string[]): string => [...new Set(words)].join(' ');

const COMMANDS = unique(COMMAND_WORDS.map(({ words }) => words[0]));

/** Command → its verbs, of those that have any. */
const VERBS: ReadonlyMap<string, string> = new Map(
  [...new Set(COMMAND_WORDS.map(({ words }) => words[0]))].flatMap(
    (command): [string, string][] => {
      const verbs = COMMAND_WORDS.flatMap(({ words: [name, verb] }) =>
        name === command && verb !== undefined ? [verb] : [],
      );
      return verbs.length === 0 ? [] : [[command, verbs.join(' ')]];
    },
  ),
);

const SHELLS = ['bash', 'zsh', 'fish'];
const OPTION_WORDS = Object.keys(OPTIONS).map((name) => `--${name}`);

/** Works in zsh as well, which brings bash's functions along. */
const bash = (): string[] => [
  '_midcall() {',
  '  local word="${COMP_WORDS[COMP_CWORD]}"',
  '  case "$word" in',
  `    -*) COMPREPLY=($(compgen -W "${OPTION_WORDS.join(' ')}" -- "$word")); return ;;`,
  '  esac',
  '  case "${COMP_WORDS[COMP_CWORD-1]}" in',
  '    -o|--output) COMPREPLY=($(compgen -f -- "$word")); return ;;',
  '  esac',
  `  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${COMMANDS}" -- "$word")); return; fi`,
  '  if [ "$COMP_CWORD" -gt 2 ]; then COMPREPLY=(); return; fi',
  '  case "${COMP_WORDS[1]}" in',
  ...Array.from(
    VERBS,
    ([command, verbs]) => `    ${command}) COMPREPLY=($(compgen -W "${verbs}" -- "$word")) ;;`,
  ),
  `    completion) COMPREPLY=($(compgen -W "${SHELLS.join(' ')}" -- "$word")) ;;`,
  '  esac',
  '}',
  'complete -F _midcall midcall',
];

const zsh = (): string[] => ['autoload -U +X bashcompinit && bashcompinit', ...bash()];

const fish = (): string[] => [
  'complete -c midcall -f',
  `complete -c midcall -n __fish_use_subcommand -a '${COMMANDS}'`,
  ...Array.from(
    VERBS,
    ([command, verbs]) =>
      `complete -c midcall -n '__fish_seen_subcommand_from ${command}' -a '${verbs}'`,
  ),
  `complete -c midcall -n '__fish_seen_subcommand_from completion' -a '${SHELLS.join(' ')}'`,
  ...Object.keys(OPTIONS).map((name) =>
    name === 'output'
      ? 'complete -c midcall -l output -s o -r -F'
      : `complete -c midcall -l ${name}`,
  ),
];

const SCRIPTS: Readonly<Record<string, () => string[]>> = { bash, zsh, fish };

/** `midcall completion SHELL`: a script to source. */
export const completion: Command = ({ words: [shell = ''], json, print }) => {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined)
    throw new UsageError('midcall completion bash|zsh|fish\n\n  source <(midcall completion bash)');
  const text = script().join('\n');
  print(json ? JSON.stringify({ shell, script: text }) : text);
  return Promise.resolve(0);
};
