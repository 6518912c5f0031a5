/** `fast` is what npm run check runs; `simulated` runs whole calls on fake networks and clocks; `wire` starts real processes, and
 * `web` a browser. */
const transform = {
  '\\.ts$': [
    '@swc/jest',
    {
      jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
      sourceMaps: true,
    },
  ],
};
const testEnvironment = '<rootDir>/test/support/node-environment.cjs';
/** What Jest clears away after a file, its own `expect` still reads, with a warning for each file. */
const testEnvironmentOptions = { globalsCleanup: 'off' };
const layer = (...names) => names.map((name) => `<rootDir>/test/${name}/**/*.test.ts`);

module.exports = {
  /** A hang must end; a slow or busy machine is none. A test says so itself when it needs longer. */
  testTimeout: 60_000,
  /** A worker that has grown is started anew between two files: hundreds of them in one process leave it collecting garbage. */
  workerIdleMemoryLimit: '1.5GB',
  projects: [
    {
      displayName: 'fast',
      testEnvironment,
      testEnvironmentOptions,
      transform,
      testMatch: layer('unit', 'conformance', 'property'),
    },
    {
      displayName: 'simulated',
      testEnvironment,
      testEnvironmentOptions,
      transform,
      testMatch: layer('simulation'),
    },
    {
      displayName: 'wire',
      testEnvironment,
      globalSetup: '<rootDir>/test/support/wire-run.cjs',
      globalTeardown: '<rootDir>/test/support/wire-run-end.cjs',
      testEnvironmentOptions,
      transform,
      testMatch: layer('contract', 'integration', 'e2e', 'crash'),
    },
    {
      displayName: 'web',
      testEnvironment,
      testEnvironmentOptions,
      transform,
      testMatch: layer('web'),
    },
  ],
};
