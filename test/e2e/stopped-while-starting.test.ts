import { access } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { LineProcess } from '../../sip-scripts/line-process.ts';
import { builtDist } from '../support/built-dist.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s while the platform starts ends it in order once it has started',
  async (signal) => {
    await withTempFolder(async (folder) => {
      const env = { MIDCALL_DATA_DIR: folder, MIDCALL_SIP_PORT: '0', MIDCALL_HTTP_PORT: '0' };
      const script = path.join(builtDist(), 'src/cli.js');
      const platform = new LineProcess({ script, args: ['serve', '--json'], env });
      try {
        await until(() => isThere(path.join(folder, 'spool')));
        expect(platform.events).toEqual([]);
        expect(await platform.stop(signal)).toBe(0);
        expect(platform.stderr).toContain('platform.draining');
        expect(platform.stderr).toContain('platform.stopped');
      } finally {
        await platform.stop('SIGKILL');
      }
    });
  },
);
