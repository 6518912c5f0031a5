import { expect, test } from '@jest/globals';
import { toE164 } from '../../../../src/calls/trunks/number-plan.ts';

const GERMANY = { countryCode: '49', nationalPrefix: '0', internationalPrefix: '00' };
const AMERICA = { countryCode: '1', nationalPrefix: '1', internationalPrefix: '011' };
const DENMARK = { countryCode: '45', nationalPrefix: '', internationalPrefix: '00' };
const NOWHERE = { countryCode: '', nationalPrefix: '0', internationalPrefix: '00' };

test.each([
  ['already', GERMANY, '+493012345', '+493012345'],
  ['national', GERMANY, '03012345', '+493012345'],
  ['international', GERMANY, '00442012345', '+442012345'],
  ['same town', GERMANY, '7654321', '7654321'],
  ['emergency', GERMANY, '112', '112'],
  ['six digits are short', GERMANY, '011833', '011833'],
  ['seven are not', GERMANY, '0118331', '+49118331'],
  ['a name', GERMANY, 'alice', 'alice'],
  ['a star code', GERMANY, '*21*0301234567#', '*21*0301234567#'],
  ['a third zero', GERMANY, '000123456', '000123456'],
  ['15 digits', GERMANY, '00442012345678901', '+442012345678901'],
  ['16 digits', GERMANY, '004420123456789012', '004420123456789012'],
  ['America', AMERICA, '12125551234', '+12125551234'],
  ['from America', AMERICA, '0114930123456', '+4930123456'],
  ['no national prefix', DENMARK, '32123456', '+4532123456'],
  ['no country', NOWHERE, '03012345', '03012345'],
])('%s', (_name, plan, dialled, number) => {
  expect(toE164(dialled, plan)).toBe(number);
});
