import { expect, test } from '@jest/globals';
import { PrefixTable } from '../../../../src/calls/trunks/prefix-table.ts';
import { trunk } from '../../../support/trunk.ts';

const TABLE = new PrefixTable([
  trunk({ name: 'world', prefixes: [{ prefix: '', strip: 1, prepend: '00' }] }),
  trunk({
    name: 'germany',
    prefixes: [
      { prefix: '+49', strip: 3, prepend: '0' },
      { prefix: '+4930', strip: 0, prepend: '' },
    ],
  }),
  trunk({ name: 'berlin', prefixes: [{ prefix: '+4930', strip: 5, prepend: '' }] }),
  trunk({ name: 'inbound', prefixes: [] }),
]);

test.each([
  ['+442012345', ['world 00442012345']],
  ['+498912345', ['germany 08912345', 'world 00498912345']],
  ['+493012345', ['germany +493012345', 'berlin 12345', 'world 00493012345']],
  ['112', ['world 0012']],
])('%s goes to %j', (number, routes) => {
  const found = TABLE.routes(number).map((route) => `${route.trunk.name} ${route.number}`);
  expect(found).toEqual(routes);
});

test('nobody takes it', () => {
  expect(new PrefixTable([]).routes('+49')).toEqual([]);
});
