const asyncHooks = require('node:async_hooks');
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

/** Those made since the last test file, Jest's own among them. */
const made = new Set();

asyncHooks.AsyncLocalStorage = class extends asyncHooks.AsyncLocalStorage {
  constructor(...args) {
    super(...args);
    made.add(this);
  }
};

/** By file: its text, and what V8 made of it. */
const compiled = new Map();
const { compileFunction } = vm;

/** Each test file has modules of its own, which Jest has V8 read anew: a third of what small tests take. */
vm.compileFunction = (code, parameters, options) => {
  const known = compiled.get(options.filename);
  if (known?.code === code)
    return compileFunction(code, parameters, { ...options, cachedData: known.cachedData });
  const read = compileFunction(code, parameters, { ...options, produceCachedData: true });
  if (read.cachedDataProduced)
    compiled.set(options.filename, { code, cachedData: read.cachedData });
  return read;
};

/**
 * Jest makes an AsyncLocalStorage for each test file and leaves it on, and Node 20 tells every promise to all that are on: after
 * two hundred files in one process `await` cost ten times as much. Here they are turned off with their file.
 */
module.exports = class extends TestEnvironment {
  async teardown() {
    for (const storage of made) storage.disable();
    made.clear();
    await super.teardown();
  }
};
