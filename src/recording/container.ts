import type { MediaReader } from './media-reader.ts';
import type { MediaSurvey } from './media-survey.ts';

/** How the packets of one encoding become a file. The same spool always gives the same bytes. */
export interface Container {
  readonly contentType: string;
  /** Without the dot. */
  readonly extension: string;
  /**
   * @param survey of a first reading, such as how long it will be.
   * @param scratch path of a file that may be used on the way; whoever gives it removes it.
   */
  write(media: MediaReader, survey: MediaSurvey, scratch: string): AsyncIterable<Uint8Array>;
  /** What was left out, once all is written. JSON. */
  loss?(): Readonly<Record<string, unknown>>;
}
