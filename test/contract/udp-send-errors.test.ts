import { execFileSync } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { withTempFolder } from '../support/temp-folder.ts';

const support = join(import.meta.dirname, '../support');
const { EAGAIN, ECONNREFUSED, EINTR, EMSGSIZE, ENETUNREACH, ENOBUFS, EPERM } = constants.errno;

const NONE = { noBuffers: 0, tooLong: 0, refused: 0, failed: 0 };

/** Each error strikes the first call, which has all three datagrams, and the third, if there is one. */
describe('an error of the kernel costs the datagram it struck, and is counted', () => {
  test.each([
    ['ENOBUFS', ENOBUFS, { ...NONE, noBuffers: 1 }, [2, 3]],
    ['EAGAIN', EAGAIN, { ...NONE, noBuffers: 1 }, [2, 3]],
    ['EMSGSIZE', EMSGSIZE, { ...NONE, tooLong: 1 }, [2, 3]],
    ['ENETUNREACH', ENETUNREACH, { ...NONE, failed: 1 }, [2, 3]],
    ['EPERM', EPERM, { ...NONE, failed: 1 }, [2, 3]],
    // Tells of a datagram before: this one was not tried yet.
    ['ECONNREFUSED', ECONNREFUSED, { ...NONE, refused: 1 }, [1, 2, 3]],
    // No error at all.
    ['EINTR', EINTR, NONE, [1, 2, 3]],
  ])('%s', async (code, errno, counts, received) => {
    await withTempFolder(async (folder) => {
      const library = join(folder, 'failing-sends.so');
      const source = join(support, 'failing-sends.c');
      execFileSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
      const args = [join(support, 'run-typescript.cjs'), join(support, 'send-three.ts')];
      const env = { ...process.env, LD_PRELOAD: library, FAILING_SENDS: String(errno) };
      const said = JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' }));
      expect(said).toEqual({ counts, received, errors: code === 'EINTR' ? [] : [code] });
    });
  });
});
