import type { Account, Transfer } from './api.ts';
import { make } from './elements.ts';
import { isPlayable, kindOf, nameOf } from './media-kind.ts';
import { durationText, sizeText, stateText, whenText } from './texts.ts';
import { waveform } from './waveform.ts';

/** Pictures larger than this are not fetched for a thumbnail. */
const THUMBNAIL_BYTES_MAX = 8_000_000;

/** What one can do with a row. */
export interface RowActions {
  readonly play: (transfer: Transfer) => void;
  readonly share: (transfer: Transfer) => void;
  readonly remove: (transfer: Transfer) => void;
}

/** One transfer in the list. Changes in place, so that who has the focus keeps it. */
export class Row {
  readonly element: HTMLLIElement;
  readonly #account: Account;
  readonly #actions: RowActions;
  readonly #thumb = make('div', { class: 'thumb', 'aria-hidden': 'true' });
  readonly #name = make('div', { class: 'name' });
  readonly #meta = make('div', { class: 'meta' });
  readonly #progress = make('div', { class: 'progress' });
  readonly #buttons = make('div', { class: 'actions' });
  /** What thumbnail and buttons were made for. */
  #made = '';
  #transfer: Transfer;

  constructor(transfer: Transfer, account: Account, actions: RowActions) {
    this.#transfer = transfer;
    this.#account = account;
    this.#actions = actions;
    const body = make('div', {}, this.#name, this.#meta);
    const parts = [this.#thumb, body, this.#progress, this.#buttons];
    this.element = make('li', { class: 'card transfer', 'data-id': transfer.id }, ...parts);
    this.show(transfer);
  }

  get state(): string {
    return this.#transfer.state;
  }

  get isLive(): boolean {
    return this.#transfer.live;
  }

  get createdAt(): string {
    return this.#transfer.createdAt;
  }

  show(transfer: Transfer): void {
    this.#transfer = transfer;
    this.#name.textContent = nameOf(transfer);
    this.#meta.replaceChildren(...metaOf(transfer));
    this.#progress.replaceChildren(...progressOf(transfer));
    const made = `${transfer.live} ${isPlayable(transfer)} ${transfer.content?.sha256 ?? ''}`;
    if (made === this.#made) return;
    this.#made = made;
    this.#buttons.replaceChildren(...this.#buttonsOf(transfer));
    this.#thumbOf(transfer);
  }

  #buttonsOf(transfer: Transfer): HTMLElement[] {
    const { content, id, live } = transfer;
    const name = nameOf(transfer);
    const button = (text: string, press: (transfer: Transfer) => void): HTMLElement =>
      make(
        'button',
        { type: 'button', 'aria-label': `${text} ${name}`, click: () => press(this.#transfer) },
        text,
      );
    const look = kindOf(transfer) === 'image' ? 'View' : 'Play';
    const buttons = isPlayable(transfer) ? [button(look, this.#actions.play)] : [];
    if (content !== undefined) {
      const href = this.#account.content(id);
      const label = `Download ${name}`;
      const properties = { class: 'button', href, download: content.name, 'aria-label': label };
      buttons.push(make('a', properties, 'Download'), button('Share', this.#actions.share));
    }
    if (live) return buttons;
    const remove = button('Delete', this.#actions.remove);
    remove.classList.add('danger', 'quiet');
    return [...buttons, remove];
  }

  #thumbOf(transfer: Transfer): void {
    this.#thumb.replaceChildren(extensionOf(transfer));
    const { content, id } = transfer;
    if (content === undefined) return;
    const src = this.#account.content(id);
    switch (kindOf(transfer)) {
      case 'image':
        if (content.size > THUMBNAIL_BYTES_MAX) return;
        return this.#thumb.replaceChildren(make('img', { src, alt: '', loading: 'lazy' }));
      case 'video':
        return this.#thumb.replaceChildren(
          make('video', { src, preload: 'metadata', muted: true, tabindex: '-1' }),
        );
      case 'audio':
        void waveform(src, content.size).then((drawing) => this.#thumb.replaceChildren(drawing));
        return;
      case 'other':
    }
  }
}

/** What stands where there is no picture: `PDF`, or what the media type says. */
function extensionOf({ content, name = '', format = '' }: Transfer): string {
  const extension = /\.(\w+)$/.exec(content?.name ?? name)?.[1];
  return (extension ?? format.split('/').at(-1) ?? '').slice(0, 5).toUpperCase();
}

function metaOf(transfer: Transfer): HTMLElement[] {
  const { sender, content, stored, state, createdAt } = transfer;
  const { text, look } = stateText(state);
  const texts = [
    sender === undefined ? undefined : `from ${sender}`,
    stored === 0 ? undefined : sizeText(content?.size ?? stored),
    content?.durationMs === undefined ? undefined : durationText(content.durationMs),
    whenText(createdAt),
  ];
  const spans = texts.flatMap((part) => (part === undefined ? [] : [make('span', {}, part)]));
  return [make('span', { class: `state ${look}` }, text), ...spans];
}

/** How much has come in, of how much. */
function progressOf(transfer: Transfer): HTMLElement[] {
  const { live, stored, size } = transfer;
  if (!live) return [];
  const fill = make('div', { class: 'fill' });
  const label = `Progress of ${nameOf(transfer)}`;
  if (size === undefined)
    return [make('div', { class: 'bar endless', role: 'progressbar', 'aria-label': label }, fill)];
  const percent = Math.min(100, Math.round((stored / Math.max(1, size)) * 100));
  fill.style.width = `${percent}%`;
  const range = { 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': String(percent) };
  return [make('div', { class: 'bar', role: 'progressbar', 'aria-label': label, ...range }, fill)];
}
