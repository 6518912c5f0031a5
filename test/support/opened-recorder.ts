import path from 'node:path';
import { FsObjects } from '../../src/objects/fs-objects.ts';
import { SpoolRecorder } from '../../src/recording/recorder.ts';
import { FixedClock } from './fixed-clock.ts';
import { withTempFolder } from './temp-folder.ts';

export interface OpenedRecorder {
  readonly recorder: SpoolRecorder;
  readonly objects: FsObjects;
  /** Where the spools are. */
  readonly folder: string;
  /** The objects' files are here under their keys. */
  readonly objectsFolder: string;
}

/** A recorder over a new folder, which is gone afterwards. */
export async function withRecorder(use: (opened: OpenedRecorder) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    const objectsFolder = path.join(folder, 'objects');
    const objects = await FsObjects.open(objectsFolder, new FixedClock());
    const scratch = path.join(folder, 'scratch');
    const recorder = new SpoolRecorder({ spools: folder, scratch }, objects);
    await use({ recorder, objects, folder, objectsFolder });
  });
}
