import { readFileSync } from 'node:fs';
import { SPOKEN } from '../incall/prompts.ts';
import type { Words } from '../incall/prompts.ts';
import { oggPackets } from '../recording/ogg-packets.ts';
import type { PromptAudio } from '../transfers/media-plane.ts';

/** `OpusHead` and `OpusTags` (RFC 7845 §5). */
const OPUS_HEADERS = 2;

/** The prompts of one language, in memory: a quarter of a megabyte. */
export class SpokenPrompts {
  readonly #audio: Readonly<Record<string, PromptAudio>>;

  /** @param folder of the language. @throws Node's error when a file is missing. */
  constructor(folder: URL) {
    const read = (file: string): Buffer => readFileSync(new URL(file, folder));
    this.#audio = Object.fromEntries(
      Object.keys(SPOKEN).map((name) => [
        name,
        {
          ulaw: Uint8Array.from(read(`${name}.ulaw`)),
          opus: oggPackets(read(`${name}.opus`)).slice(OPUS_HEADERS),
        },
      ]),
    );
  }

  /** Piece by piece, as one. */
  audioOf(words: Words): PromptAudio {
    const pieces = words.flatMap((name) => this.#audio[name] ?? []);
    return {
      ulaw: Uint8Array.from(Buffer.concat(pieces.map(({ ulaw }) => ulaw))),
      opus: pieces.flatMap(({ opus }) => opus),
    };
  }
}

/** What the platform ships. */
export const ENGLISH_PROMPTS: URL = new URL('../incall/prompts/en/', import.meta.url);
