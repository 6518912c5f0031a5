import { expect, test } from '@jest/globals';
import { newNetCounts } from '../../../src/net/net-counts.ts';
import { Connections, UNSENT_BYTES_MAX } from '../../../src/net/stream-transport.ts';

const REMOTE = { address: '192.0.2.7', port: 5_060 };

/** A connection whose peer has not read so much. */
class Stuck {
  readonly written: string[] = [];
  destroyed = false;
  readonly #unsent: number;

  constructor(unsent: number) {
    this.#unsent = unsent;
  }

  write(bytes: Buffer): void {
    this.written.push(bytes.toString());
  }

  unsentBytes(): number {
    return this.#unsent;
  }

  end(): void {}

  destroy(): void {
    this.destroyed = true;
  }
}

test.each([
  [UNSENT_BYTES_MAX, false, 0],
  [UNSENT_BYTES_MAX + 1, true, 1],
])('a peer that has %i bytes unread: closed %s', (unsent, destroyed, count) => {
  const counts = newNetCounts();
  const connections = new Connections(counts);
  const stuck = new Stuck(unsent);
  connections.add(REMOTE, stuck);
  expect(connections.send(REMOTE, Buffer.from('x'))).toBe(true);
  expect(stuck).toMatchObject({ destroyed, written: ['x'] });
  expect(counts['closed-unread']).toBe(count);
});

test('the latest connection of an address counts', () => {
  const connections = new Connections(newNetCounts());
  const [older, later] = [new Stuck(0), new Stuck(0)];
  connections.add(REMOTE, older);
  connections.add(REMOTE, later);
  connections.send(REMOTE, Buffer.from('x'));
  expect([older.written, later.written]).toEqual([[], ['x']]);
  expect(connections.remove(REMOTE, older)).toBe(false);
  expect(connections.remove(REMOTE, later)).toBe(true);
  expect(connections.send(REMOTE, Buffer.from('x'))).toBe(false);
});
