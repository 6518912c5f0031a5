import type { SipRequest, SipResponse } from './sip-application.ts';
import { onCancel } from './sip-messages.ts';

/** The caller's CANCEL, which may come at any moment from the first. */
export class Cancellation {
  #isCancelled = false;
  #listener: () => void = () => {};

  constructor(request: SipRequest, response: SipResponse) {
    onCancel(request, () => {
      this.#isCancelled = true;
      // The server answered by itself; from now on nothing more is to be said.
      if (!response.finalResponseSent) response.send(487);
      this.#listener();
    });
  }

  /** Calls back at once when it has come already. */
  whenCancelled(listener: () => void): void {
    this.#listener = listener;
    if (this.#isCancelled) listener();
  }
}
