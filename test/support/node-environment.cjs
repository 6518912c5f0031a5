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

/**
 * Each test file has modules of its own, which Jest has V8 read anew: half of what small tests take. A script that has run in one
 * context is run in the next as it is, with all that V8 has compiled of it since. (A dynamic import stays what it is here: an error.)
 */
vm.compileFunction = (code, parameters, { filename, importModuleDynamically, parsingContext }) => {
  let known = compiled.get(filename);
  if (known?.code !== code) {
    const head = `(function (${parameters.join()}) {`;
    const options = { filename, importModuleDynamically, columnOffset: -head.length };
    known = { code, script: new vm.Script(`${head}${code}\n})`, options) };
    compiled.set(filename, known);
  }
  return known.script.runInContext(parsingContext);
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
