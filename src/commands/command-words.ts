/** The options of the command line; `--json` and `--help` go with every command. */
export const OPTIONS = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  password: { type: 'string' },
  'storage-password': { type: 'string' },
  space: { type: 'string' },
  threshold: { type: 'string' },
  account: { type: 'string' },
  output: { type: 'string', short: 'o' },
  server: { type: 'string' },
  fix: { type: 'boolean' },
  grace: { type: 'string' },
} as const;
export type OptionName = keyof typeof OPTIONS;

/** One thing the command line can do. */
export interface CommandWords {
  /** Command and verb. */
  readonly words: readonly [command: string, verb?: string];
  readonly argument?: string;
  /** With their values, as help shows them; empty for those that have none. */
  readonly options?: Partial<Readonly<Record<OptionName, string>>>;
  /** Those that must be there. */
  readonly required?: readonly OptionName[];
  readonly about: string;
}

/** The specification of the command line: help and completion are made from it. */
export const COMMAND_WORDS: readonly CommandWords[] = [
  { words: ['serve'], about: 'run the platform' },
  {
    words: ['subscribers', 'add'],
    argument: 'NUMBER',
    options: { password: 'P', 'storage-password': 'P', space: '1GB', threshold: '30%' },
    about: 'somebody with storage; passwords are made up when not given',
  },
  { words: ['subscribers', 'list'], about: 'who has storage, and how much of it is used' },
  { words: ['subscribers', 'remove'], argument: 'NUMBER', about: 'what is stored stays' },
  {
    words: ['transfers', 'list'],
    options: { account: 'NUMBER' },
    about: 'what was stored, and how it ended',
  },
  { words: ['transfers', 'show'], argument: 'ID', about: 'all that is known of one' },
  {
    words: ['transfers', 'fetch'],
    argument: 'ID',
    options: { output: 'FILE' },
    required: ['output'],
    about: 'its object as a file, checked by its digest',
  },
  { words: ['transfers', 'delete'], argument: 'ID', about: 'frees its space' },
  { words: ['spool', 'list'], about: 'what is not stored as an object yet' },
  {
    words: ['spool', 'inspect'],
    argument: 'FILE',
    about: 'what a spool says by itself; the id of a transfer will do',
  },
  {
    words: ['spool', 'export'],
    argument: 'FILE',
    options: { output: 'FILE' },
    required: ['output'],
    about: 'its packets as a capture (.pcap)',
  },
  {
    words: ['reconcile'],
    options: { fix: '', grace: 'MINUTES' },
    about:
      'whether state, objects and spools agree; what changed within the grace, 5 minutes, is left alone',
  },
  { words: ['webhooks', 'list'], about: 'events that nobody took, and were given up' },
  {
    words: ['webhooks', 'retry'],
    argument: 'EVENT',
    about: 'sends one of them, or all, for another day',
  },
  { words: ['webhooks', 'delete'], argument: 'EVENT', about: 'forgets one of them, or all' },
  { words: ['trunks', 'list'], about: 'the operators’ trunks, as configured' },
  {
    words: ['drain'],
    options: { server: 'http://HOST:PORT' },
    about:
      'ends all transfers of the running platform, takes no new ones, and waits until all is stored',
  },
  { words: ['doctor'], about: 'what would keep it from running well here' },
  { words: ['completion'], argument: 'SHELL', about: 'words for the Tab key: bash, zsh or fish' },
];

const COLUMN = 44;

/** One line a command; options too long for it on a line of their own. */
export function helpText(): string {
  const lines = COMMAND_WORDS.map((command) => {
    const usage = `  midcall ${usageOf(command)}`;
    return usage.length < COLUMN
      ? `${usage.padEnd(COLUMN)}${command.about}`
      : `${usage}\n${' '.repeat(COLUMN)}${command.about}`;
  });
  return [
    'midcall: store a file or a stream in the middle of a call',
    '',
    ...lines,
    '',
    '  --json on all. Settings are environment variables: see docs/configuration.md.',
  ].join('\n');
}

/** Without the program's name: `transfers fetch ID --output FILE`. */
export function usageOf({ words, argument, options = {}, required = [] }: CommandWords): string {
  const written = Object.entries(options).map(([name, value]) => {
    const option = value === '' ? `--${name}` : `--${name} ${value}`;
    return required.some((needed) => needed === name) ? option : `[${option}]`;
  });
  return [...words, ...(argument === undefined ? [] : [argument]), ...written].join(' ');
}
