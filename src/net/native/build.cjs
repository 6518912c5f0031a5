/**
 * `npm ci` runs this: builds the addon that moves datagrams, with the node-gyp that comes with npm, into build/ of the project.
 * Where that can't be done (no compiler, another system than Linux) it says so in one line and ends well: the platform then
 * uses node:dgram, at twice the CPU a packet. With `--if-older`, as `npm run build` calls it, only when there is one and its sources are
 * newer: an addon of other sources than the TypeScript beside it would write other bytes than it is told.
 */
const { spawnSync } = require('node:child_process');
const { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } = require('node:fs');
const { dirname, join, resolve } = require('node:path');
const { isOlder } = require('./sources.cjs');

const here = __dirname;
const root = resolve(here, '../../..');
const NAME = 'midcall_udp.node';
const target = join(root, 'build', NAME);
const IF_OLDER = '--if-older';
const options = process.argv.slice(2).filter((argument) => argument !== IF_OLDER);

/** The folder that Node was installed in, when its headers are there: they can't be downloaded everywhere. */
function headers() {
  const prefix = resolve(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
}

/** npm says where it is; beside Node when this was started by hand. */
function nodeGyp() {
  const npm = process.env.npm_execpath
    ? resolve(dirname(process.env.npm_execpath), '..')
    : resolve(dirname(process.execPath), '../lib/node_modules/npm');
  return join(npm, 'node_modules/node-gyp/bin/node-gyp.js');
}

function build() {
  if (process.platform !== 'linux') return `not on ${process.platform}`;
  const gyp = nodeGyp();
  if (!existsSync(gyp)) return 'npm has no node-gyp here';
  const args = [gyp, 'rebuild', '--directory', here, ...headers(), ...options];
  const { status, stderr, error } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) return error?.message ?? reason(stderr);
  // Put in place by a rename: a platform that runs keeps the one it has loaded.
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(here, 'build/Release', NAME), `${target}.new`);
  renameSync(`${target}.new`, target);
  return undefined;
}

/** The line that names the cause, of the pages that node-gyp and the compiler write. */
function reason(text) {
  const lines = text.split('\n').filter((line) => /error|ERR!/i.test(line));
  return (
    lines.find((line) => /error:|not found|stack Error/.test(line)) ??
    lines[0] ??
    text
  ).trim();
}

function buildAndSay() {
  const failure = build();
  // One that is left from before would be of other sources.
  if (failure !== undefined) rmSync(target, { force: true });
  process.stdout.write(
    failure === undefined
      ? `midcall: batched UDP built\n`
      : `midcall: no batched UDP, media will use node:dgram at twice the CPU a packet (${failure})\n`,
  );
}

if (!process.argv.includes(IF_OLDER) || isOlder(target, here)) buildAndSay();
