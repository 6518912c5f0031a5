import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { FAMILIES } from '../../../src/http/metric-families.ts';
import { Metrics } from '../../../src/http/metrics.ts';

const dashboard = readFileSync('docker/grafana-dashboard.json', 'utf8');
const page = readFileSync('docs/operations.md', 'utf8');

/** Names of metrics in the expressions, without what a histogram adds. */
const shown = [...dashboard.matchAll(/\b(?:midcall|nodejs|process)_[a-z0-9_]+/g)].map(([name]) =>
  name.replace(/_bucket$/, ''),
);

test('the dashboard shows what there is', async () => {
  const text = await new Metrics().text({
    calls: [],
    live: [],
    meter: {
      storedBytes: 0,
      deliveredBytes: 0,
      errors: new Map(),
      ended: new Map(),
      fates: new Map(),
      callsEnded: new Map(),
    },
    media: undefined,
    backlog: { transfers: 0, bytes: 0, failures: 0 },
    http: { requests: 0, problems: new Map(), connectionsDropped: 0, slowReaders: 0 },
    sip: {},
    sipQueue: { waitMs: 0, admitted: 1 },
    objects: {},
    webhooks: undefined,
    isReady: true,
    isDraining: false,
  });
  expect(shown.length).toBeGreaterThan(20);
  for (const name of new Set(shown)) expect(text).toContain(`# TYPE ${name} `);
});

test.each(FAMILIES.map(({ name }) => name))('%s is in the operator’s page of docs/', (name) => {
  expect(page).toContain(`\`${name}\``);
});
