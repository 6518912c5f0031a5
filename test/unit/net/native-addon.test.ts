import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { copyBytes } from '../../../src/base/copy-bytes.ts';
import { loadAddon, type NativeAddon } from '../../../src/net/native-addon.ts';
import { openUdp } from '../../../src/net/open-udp.ts';
import { systemClock } from '../../../src/net/system-clock.ts';
import { withTempFolder } from '../../support/temp-folder.ts';

const DEAF = { onBatch: (): void => {}, onError: (): void => {} };

function theAddon(): NativeAddon {
  const loaded = loadAddon();
  if (!loaded.ok) throw new Error(`the addon is needed here: ${loaded.reason}`);
  return loaded.addon;
}

describe('the addon', () => {
  test('that was not built is missed, with a reason', () => {
    expect(loadAddon(['/nowhere'])).toEqual({ ok: false, reason: 'it was not built' });
  });

  test('that can not be loaded is missed, with a reason', async () => {
    await withTempFolder(async (folder) => {
      mkdirSync(join(folder, 'build'));
      writeFileSync(join(folder, 'build/midcall_udp.node'), 'not a library');
      expect(loadAddon([folder])).toMatchObject({ ok: false, reason: expect.stringMatching(/./) });
    });
  });
});

describe('sockets', () => {
  const missing = { ok: false, reason: 'it was not built' } as const;

  test('are those of node:dgram without the addon, which is said', async () => {
    const { kind, sockets, missing: told } = openUdp('auto', systemClock, DEAF, missing);
    expect([kind, told]).toEqual(['dgram', ['the addon: it was not built']]);
    await sockets.stop();
  });

  test('of a kind that was asked for are had, or it is an error', async () => {
    expect(() => openUdp('epoll', systemClock, DEAF, missing)).toThrow('it was not built');
    for (const choice of ['io_uring', 'epoll', 'dgram'] as const) {
      const { kind, sockets, missing: told } = openUdp(choice, systemClock, DEAF);
      expect([kind, told]).toEqual([choice, []]);
      await sockets.stop();
    }
  });

  test('are by epoll where the kernel forbids io_uring, which is said', async () => {
    const { Sockets } = theAddon();
    class Forbidden extends Sockets {
      override start(backend: 'epoll' | 'io_uring'): number {
        return backend === 'io_uring' ? -1 : super.start(backend);
      }
    }
    const addon = { ...theAddon(), Sockets: Forbidden };
    const {
      kind,
      sockets,
      missing: told,
    } = openUdp('auto', systemClock, DEAF, { ok: true, addon });
    expect([kind, told]).toEqual(['epoll', [expect.stringContaining('EPERM')]]);
    await sockets.stop();
  });
});

describe.each([
  ['by a view', copyBytes],
  ['by the addon', theAddon().copyBytes],
])('bytes copied %s', (_name, copy) => {
  test('are those of the range, at their place', () => {
    const into = new Uint8Array(6);
    copy(Uint8Array.of(1, 2, 3, 4), 1, 3, into, 2);
    copy(Uint8Array.of(9), 0, 1, into, 5);
    copy(Uint8Array.of(9), 1, 1, into, 6);
    expect([...into]).toEqual([0, 0, 2, 3, 0, 9]);
  });

  test('may be parts of one array, also such that overlap', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5);
    copy(bytes, 0, 4, bytes, 1);
    expect([...bytes]).toEqual([1, 1, 2, 3, 4]);
  });

  test('keep to the view, not to what lies around it', () => {
    const all = Uint8Array.of(0, 1, 2, 3, 4, 5);
    const into = new Uint8Array(4);
    copy(all.subarray(2, 5), 0, 2, into.subarray(1), 0);
    expect([...into]).toEqual([0, 2, 3, 0]);
  });
});

test('what the addon is asked to copy past an end is not copied', () => {
  const { copyBytes: copy } = theAddon();
  const into = new Uint8Array(4);
  copy(Uint8Array.of(1, 2), 0, 3, into, 0);
  copy(Uint8Array.of(1, 2), 2, 1, into, 0);
  copy(Uint8Array.of(1, 2), 0, 2, into, 3);
  copy(Uint8Array.of(1, 2), 0, 2, into, 4_294_967_295);
  expect([...into]).toEqual([0, 0, 0, 0]);
});
