import { MidcallError } from '../base/errors.ts';

/** Something was not done in the time that there was for it. */
export class TimeOver extends MidcallError {
  constructor() {
    super('storage-unavailable', 'the object store took too long');
  }
}

/** What the work comes to, unless time is over before; the work itself goes on. @throws TimeOver */
export const inTime = <T>(work: Promise<T>, over: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const late = (): void => reject(new TimeOver());
    if (over.aborted) late();
    over.addEventListener('abort', late);
    void work.then(resolve, reject).finally(() => over.removeEventListener('abort', late));
  });
