/** Two projects: `fast` needs nothing but Node (npm run check); `wire` starts real processes. */
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
const layer = (...names) => names.map((name) => `<rootDir>/test/${name}/**/*.test.ts`);

module.exports = {
  projects: [
    {
      displayName: 'fast',
      testEnvironment: 'node',
      transform,
      testMatch: layer('unit', 'conformance', 'property', 'simulation'),
    },
    {
      displayName: 'wire',
      testEnvironment: 'node',
      transform,
      testMatch: layer('contract', 'integration', 'e2e'),
    },
  ],
};
