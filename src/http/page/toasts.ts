import { byId, make } from './elements.ts';

const SHOWN_MS = 6_000;

/** Says something at the foot of the page, for a while. @param undo makes a button of that name. */
export function toast(text: string, undo?: () => void): () => void {
  const box = make('div', { class: 'toast' }, make('span', {}, text));
  const close = (): void => box.remove();
  if (undo !== undefined) {
    const press = (): void => {
      close();
      undo();
    };
    box.append(make('button', { type: 'button', click: press }, 'Undo'));
  }
  byId('toasts', HTMLElement).append(box);
  setTimeout(close, SHOWN_MS);
  return close;
}

export { SHOWN_MS as TOAST_MS };
