import type { Account, Transfer } from './api.ts';
import { byId } from './elements.ts';

/** The window in which a link is made. */
export class Share {
  readonly #account: Account;
  readonly #dialog = byId('share', HTMLDialogElement);
  readonly #make = byId('share-make', HTMLButtonElement);
  readonly #url = byId('share-url', HTMLInputElement);
  #transfer = '';

  constructor(account: Account, failed: (cause: unknown) => void) {
    this.#account = account;
    this.#make.onclick = () => void this.#press().catch(failed);
  }

  open({ id }: Transfer): void {
    this.#transfer = id;
    this.#show('');
    this.#dialog.showModal();
  }

  /** Makes a link; pressed again, copies it. */
  async #press(): Promise<void> {
    if (this.#url.value === '') {
      const minutes = Number(byId('share-minutes', HTMLSelectElement).value);
      this.#show(await this.#account.link(this.#transfer, minutes));
      return this.#url.select();
    }
    this.#url.select();
    await navigator.clipboard.writeText(this.#url.value);
    this.#make.textContent = 'Copied';
  }

  #show(url: string): void {
    this.#url.value = url;
    byId('share-made', HTMLElement).hidden = url === '';
    this.#make.textContent = url === '' ? 'Make link' : 'Copy';
  }
}
