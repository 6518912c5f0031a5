const asyncHooks = require('node:async_hooks');
const { TestEnvironment } = require('jest-environment-node');

/** Those made since the last test file, Jest's own among them. */
const made = new Set();

asyncHooks.AsyncLocalStorage = class extends asyncHooks.AsyncLocalStorage {
  constructor(...args) {
    super(...args);
    made.add(this);
  }
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
