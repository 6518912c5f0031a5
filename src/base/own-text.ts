import { Buffer } from 'node:buffer';

/**
 * The same text in memory of its own. A piece of a message is a view of the whole message in V8, and a text put together
 * from pieces is a tree of them: whoever keeps one for long, as the key of a map, keeps all of it.
 * @param text Latin-1.
 */
export const ownText = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
