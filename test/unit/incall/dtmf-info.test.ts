import { expect, test } from '@jest/globals';
import { keyOfInfo } from '../../../src/incall/dtmf-info.ts';

test.each([
  ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', '5'],
  ['application/dtmf-relay', 'Signal= *\nDuration= 250', '*'],
  ['application/dtmf-relay', 'Duration=100\r\nsignal=#\r\n', '#'],
  ['application/dtmf-relay', 'Signal=10\r\n', '*'],
  ['application/dtmf-relay', 'Signal=11\r\n', '#'],
  ['application/dtmf-relay', 'Signal=d\r\n', 'D'],
  ['application/dtmf', '7', '7'],
  ['application/dtmf', ' *\r\n', '*'],
  ['application/dtmf-relay', 'Signal=12\r\n', undefined],
  ['application/dtmf-relay', 'Signal=flash\r\n', undefined],
  ['application/dtmf-relay', 'Signal=\r\n5', undefined],
  ['application/dtmf-relay', '5', undefined],
  ['application/dtmf', '55', undefined],
  ['application/dtmf', '', undefined],
  ['application/dtmf', '💾', undefined],
  ['application/dtmf', `${' '.repeat(255)}5`, '5'],
  ['application/dtmf', `${' '.repeat(256)}5`, undefined],
  ['application/media_control+xml', 'Signal=5', undefined],
  [undefined, '5', undefined],
])('%s %j is %s', (type, body, key) => {
  expect(keyOfInfo(type, body)).toBe(key);
});
