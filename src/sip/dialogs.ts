import type { AppId } from './effect.ts';
import type { Dialog, DialogKey } from './dialog.ts';
import { dialogHop } from './dialog-request.ts';
import type { Streams } from './streams.ts';
import { flowKey, type Flow } from './transport.ts';

const tagsKey = ({ callId, localTag, remoteTag }: DialogKey): string =>
  `${callId} ${localTag} ${remoteTag}`;

/** All dialogs, as the network names them and as the application does. */
export class Dialogs {
  /** By Call-ID and both tags. */
  readonly #byTags = new Map<string, Dialog>();
  /** By the wire protocol's id, which forks of one INVITE share: the confirmed one, else the latest. */
  readonly #byId = new Map<string, Dialog>();

  get size(): number {
    return this.#byTags.size;
  }

  add(dialog: Dialog): void {
    this.#byTags.set(tagsKey(dialog), dialog);
    if (this.#byId.get(dialog.id)?.confirmed !== true) this.#byId.set(dialog.id, dialog);
  }

  /** A 2xx was sent or received: of the forks, the application means this one. */
  confirm(dialog: Dialog): void {
    dialog.confirmed = true;
    this.#byId.set(dialog.id, dialog);
  }

  remove(dialog: Dialog): void {
    dialog.answer?.stop();
    dialog.session?.stop();
    dialog.session = undefined;
    dialog.provisionals?.stop();
    dialog.localSdp = undefined;
    this.#byTags.delete(tagsKey(dialog));
    if (this.#byId.get(dialog.id) === dialog) this.#byId.delete(dialog.id);
  }

  find(key: DialogKey): Dialog | undefined {
    return this.#byTags.get(tagsKey(key));
  }

  named(id: string): Dialog | undefined {
    return this.#byId.get(id);
  }

  /** Whether requests of any dialog go this way. It looks at all of them: ask seldom. */
  use(flow: Flow, streams: Streams): boolean {
    const key = flowKey(flow);
    for (const dialog of this.#byTags.values()) {
      const hop = dialogHop(dialog, streams);
      if (hop.ok && flowKey(streams.connectionFor(hop.value.flow)) === key) return true;
    }
    return false;
  }

  ownedBy(app: AppId): readonly Dialog[] {
    return [...this.#byTags.values()].filter((dialog) => dialog.app === app);
  }
}
