import type { Transfer } from './api.ts';

export type MediaKind = 'image' | 'audio' | 'video' | 'other';

/** Pictures that every browser shows. */
const IMAGES = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;

/** What a browser can do with a transfer's content. */
export function kindOf({ content, format = '' }: Transfer): MediaKind {
  const type = (content?.type ?? format).toLowerCase();
  if (IMAGES.test(type)) return 'image';
  if (type.startsWith('audio/')) return 'audio';
  return type.startsWith('video/') ? 'video' : 'other';
}

/** Whether there is something to look at: all of it, or what came until now. */
export const isPlayable = (transfer: Transfer): boolean =>
  kindOf(transfer) !== 'other' &&
  (transfer.content !== undefined || (transfer.live && transfer.stored > 0));

export const nameOf = ({ name, content, format }: Transfer): string =>
  name ?? content?.name ?? format ?? 'Without a name';

/** Stored as WAV, so that it can be played from its first second on. */
export const isTelephony = ({ format = '' }: Transfer): boolean =>
  /^audio\/(pcmu|pcma|l16)\b/i.test(format);
