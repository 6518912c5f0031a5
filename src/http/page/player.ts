import type { Account, Transfer } from './api.ts';
import { byId, make } from './elements.ts';
import { LiveAudio } from './live-audio.ts';
import { isTelephony, kindOf, nameOf } from './media-kind.ts';
import { durationText, sizeText, stateText, whenText } from './texts.ts';

/** The window in which a transfer is played or viewed; also one that is still coming in. */
export class Player {
  readonly #account: Account;
  readonly #dialog = byId('player', HTMLDialogElement);
  readonly #stage = byId('player-stage', HTMLElement);
  /** While something is played that still comes in. */
  #live: LiveAudio | undefined;

  constructor(account: Account) {
    this.#account = account;
    byId('player-close', HTMLButtonElement).onclick = () => this.#dialog.close();
    // What plays on unseen would go on being fetched.
    this.#dialog.onclose = () => this.#empty();
  }

  open(transfer: Transfer): void {
    byId('player-title', HTMLElement).textContent = nameOf(transfer);
    this.#stage.replaceChildren(this.#media(transfer));
    byId('player-facts', HTMLElement).replaceChildren(...factsOf(transfer));
    this.#dialog.showModal();
  }

  close(): void {
    this.#dialog.close();
  }

  #empty(): void {
    this.#live?.close();
    this.#live = undefined;
    this.#stage.replaceChildren();
  }

  #media(transfer: Transfer): HTMLElement {
    const src = this.#account.content(transfer.id);
    if (transfer.live && isTelephony(transfer)) {
      this.#live = new LiveAudio(src, () => this.#stage.replaceChildren('It can’t be played now.'));
      return this.#live.element;
    }
    const label = nameOf(transfer);
    switch (kindOf(transfer)) {
      case 'image':
        return make('img', { src, alt: label });
      case 'audio':
        return make('audio', { src, controls: true, autoplay: true, 'aria-label': label });
      case 'video':
        return make('video', {
          src,
          controls: true,
          autoplay: true,
          playsinline: true,
          'aria-label': label,
        });
      case 'other':
        return make('p', {}, 'Download it to look at it.');
    }
  }
}

function factsOf(transfer: Transfer): HTMLElement[] {
  const { content, sender, createdAt, lost = 0, expected = 0 } = transfer;
  const rows: (readonly [string, string | undefined])[] = [
    ['From', sender],
    ['When', whenText(createdAt)],
    ['State', stateText(transfer.state).text],
    ['Size', sizeText(content?.size ?? transfer.stored)],
    ['Length', content?.durationMs === undefined ? undefined : durationText(content.durationMs)],
    ['Lost', lost === 0 ? undefined : `${lost} of ${expected} packets`],
    ['SHA-256', content?.sha256],
  ];
  return rows.flatMap(([name, value]) =>
    value === undefined ? [] : [make('dt', {}, name), make('dd', {}, value)],
  );
}
