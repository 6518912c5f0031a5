import { expect, test } from '@jest/globals';
import { ResponseRoutes, ROUTES_MAX } from '../../../sip-scripts/signalling/response-routes.ts';

const request = (index: number): string =>
  `INFO sip:b SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK${index}\r\n\r\n`;

test('a response finds the way its request came; the oldest is forgotten at the limit', () => {
  const routes = new ResponseRoutes<number>();
  for (let index = 0; index < ROUTES_MAX; index++) routes.note(request(index), index);
  expect(routes.wayOf(request(0))).toBe(0);
  routes.note(request(ROUTES_MAX), ROUTES_MAX);
  expect(routes.wayOf(request(0))).toBeUndefined();
  expect(routes.wayOf(request(ROUTES_MAX))).toBe(ROUTES_MAX);
});
