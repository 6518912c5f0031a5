import type { Checks } from './checks.ts';
import type { DemoOptions } from './demo-options.ts';
import type { Screen } from './screen.ts';
import type { Stage } from './stage.ts';
import type { CallEnd } from './voice-watch.ts';

/** What the scenes share. */
export interface Show {
  readonly stage: Stage;
  readonly screen: Screen;
  readonly checks: Checks;
  readonly options: DemoOptions;
  /** Folder of the shipped recordings and the photo. */
  readonly media: string;
  /** Alice's and bob's ends of their call. */
  readonly ends: readonly [CallEnd, CallEnd];
  /** A line of narration, with the time. */
  readonly tell: (text: string) => void;
  /** Figures for the JSON line. */
  readonly figures: Figures;
}

/** docs: README.md, "The demo". */
export interface Figures {
  /** From the first byte alice sent to the first bob received. */
  firstByteMs?: number;
  /** How much of the announced size was stored when bob was offered it. */
  offerAtPercent?: number;
  /** Bytes, all transfers. */
  stored: number;
  delivered: number;
  voiceLost?: number;
}
