import { formatBytes } from '../base/sizes.ts';

/** Cells of a bar, without its label and figures. */
export const BAR_CELLS = 40;
/** An eighth of a cell more each: the bar moves smoothly. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

export interface Progress {
  readonly label: string;
  readonly value: number;
  /** Undefined while nobody knows: the bar then shows its value only. */
  readonly total: number | undefined;
}

/** One line: `stored    ████████▌       52 %  308 of 592 kB`. */
export function progressBar({ label, value, total }: Progress): string {
  const name = label.padEnd(10);
  if (total === undefined || total <= 0)
    return `${name}${'·'.repeat(BAR_CELLS)}       ${formatBytes(value)}`;
  const share = Math.min(1, Math.max(0, value / total));
  const percent = `${Math.floor(share * 100)} %`.padStart(6);
  return `${name}${cells(share)}${percent}  ${formatBytes(value)} of ${formatBytes(total)}`;
}

function cells(share: number): string {
  const eighths = Math.floor(share * BAR_CELLS * 8);
  const bar = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return bar.padEnd(BAR_CELLS, '░');
}
