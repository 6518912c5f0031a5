import type { Row } from './smoothness-bench.ts';

/** A light page, in pixels. */
const WIDTH = 1_280;
const LEFT = 176;
const RIGHT = 24;
const TOP = 128;
const BOTTOM = 56;
const COLUMN_GAP = 34;
const BAR = 13;
const BAR_GAP = 3;
const GROUP_GAP = 20;
/** Room behind the longest bar for what is written there. */
const NOTE_WIDTH = 92;

/** Told apart also by who sees few colours (Okabe and Ito). */
const COLORS: Readonly<Record<string, string>> = {
  '0': '#999999',
  '30 %': '#e69f00',
  '2 s': '#56b4e9',
  '32 kB': '#cc79a7',
  adaptive: '#009e73',
};
const INK = '#222222';
const PALE = '#6b6b6b';
const GRID = '#e3e3e3';
const ALARM = '#c0272d';
const FONT = 'font-family="DejaVu Sans, Verdana, sans-serif"';

interface Column {
  readonly title: string;
  readonly stream: Row['stream'];
  readonly isSized: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'Speech, live', stream: 'speech', isSized: false },
  { title: 'Speech, size announced', stream: 'speech', isSized: true },
  { title: 'Video, live', stream: 'video', isSized: false },
  { title: 'Video, size announced', stream: 'video', isSized: true },
];

/** Scale and places of one plot. */
interface Frame {
  readonly networks: readonly string[];
  readonly policies: readonly string[];
  /** Of each column without the notes. */
  readonly barWidth: number;
  readonly columnWidth: number;
  readonly secondsMax: number;
  readonly groupHeight: number;
  readonly height: number;
}

/**
 * An SVG: for each network and kind of stream a bar for each threshold, as long as the receiver waits for its first packet, and beside
 * it how often the stream then ran dry.
 */
export function plotOf(
  rows: readonly Row[],
  { seeds, seconds }: { readonly seeds: number; readonly seconds: number },
): string {
  const frame = frameOf(rows);
  const body = [
    `<rect width="${WIDTH}" height="${frame.height}" fill="#ffffff"/>`,
    text(24, 36, 'How long the receiver waits, and how smoothly it then plays', 20, INK, 'bold'),
    text(
      24,
      60,
      `Bars: median start delay of ${seeds} runs of ${seconds} s each. In red: pauses a minute; no number means not one pause.`,
      13,
      PALE,
    ),
    legend(frame),
    ...COLUMNS.map((column, index) => columnOf(rows, column, { frame, index })),
    ...frame.networks.map((network, index) => label(network, index, frame)),
    text(WIDTH / 2, frame.height - 16, 'start delay, seconds', 13, PALE, 'normal', 'middle'),
  ];
  const size = `width="${WIDTH}" height="${frame.height}" viewBox="0 0 ${WIDTH} ${frame.height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${FONT}>\n${body.join('\n')}\n</svg>\n`;
}

function frameOf(rows: readonly Row[]): Frame {
  const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];
  const networks = unique(rows.map(({ network }) => network));
  const policies = unique(rows.map(({ policy }) => policy));
  const columnWidth = (WIDTH - LEFT - RIGHT - COLUMN_GAP * (COLUMNS.length - 1)) / COLUMNS.length;
  const longest = rows.reduce((most, { startMs }) => Math.max(most, startMs), 0);
  const groupHeight = policies.length * (BAR + BAR_GAP) + GROUP_GAP;
  return {
    networks,
    policies,
    columnWidth,
    barWidth: columnWidth - NOTE_WIDTH,
    secondsMax: Math.ceil(longest / 2_000) * 2,
    groupHeight,
    height: TOP + networks.length * groupHeight + BOTTOM,
  };
}

function legend({ policies }: Frame): string {
  return policies
    .map((policy, index) => {
      const x = LEFT + 150 * index;
      const swatch = `<rect x="${x}" y="76" width="14" height="14" rx="2" fill="${colorOf(policy)}"/>`;
      const weight = policy === 'adaptive' ? 'bold' : 'normal';
      return `${swatch}${text(x + 20, 88, policy, 13, INK, weight)}`;
    })
    .join('');
}

function columnOf(
  rows: readonly Row[],
  { title, stream, isSized }: Column,
  { frame, index }: { readonly frame: Frame; readonly index: number },
): string {
  const left = LEFT + index * (frame.columnWidth + COLUMN_GAP);
  const bars = rows
    .filter((row) => row.stream === stream && row.isSized === isSized)
    .map((row) => bar(row, left, frame));
  return [text(left, TOP - 14, title, 13, INK, 'bold'), grid(left, frame), ...bars].join('\n');
}

/** A line every two seconds, numbered below. */
function grid(left: number, { barWidth, secondsMax, height }: Frame): string {
  const lines: string[] = [];
  for (let second = 0; second <= secondsMax; second += 2) {
    const x = left + (second / secondsMax) * barWidth;
    const bottom = height - BOTTOM + 4;
    const color = second === 0 ? PALE : GRID;
    lines.push(
      `<line x1="${x}" y1="${TOP - 4}" x2="${x}" y2="${bottom}" stroke="${color}"/>`,
      text(x, bottom + 16, String(second), 12, PALE, 'normal', 'middle'),
    );
  }
  return lines.join('');
}

function bar(row: Row, left: number, frame: Frame): string {
  const group = frame.networks.indexOf(row.network);
  const place = frame.policies.indexOf(row.policy);
  const y = TOP + group * frame.groupHeight + place * (BAR + BAR_GAP);
  const width = Math.max(2, (row.startMs / 1_000 / frame.secondsMax) * frame.barWidth);
  const isAdaptive = row.policy === 'adaptive';
  const edge = isAdaptive ? ` stroke="${INK}" stroke-width="1"` : '';
  const shape = `<rect x="${left}" y="${y}" width="${width}" height="${BAR}" fill="${colorOf(row.policy)}"${edge}/>`;
  const seconds = (row.startMs / 1_000).toFixed(1);
  const baseline = y + BAR - 2;
  const value = text(left + width + 5, baseline, `${seconds} s`, 11, isAdaptive ? INK : PALE);
  if (row.underrunsPerMinute === 0) return `${shape}${value}`;
  const dry = `${row.underrunsPerMinute.toFixed(1)}/min`;
  return `${shape}${value}${text(left + width + 40, baseline, dry, 11, ALARM, 'bold')}`;
}

function label(network: string, index: number, { groupHeight, policies }: Frame): string {
  const y = TOP + index * groupHeight + (policies.length * (BAR + BAR_GAP)) / 2 + 2;
  return text(LEFT - 16, y, network, 14, INK, 'bold', 'end');
}

const colorOf = (policy: string): string => COLORS[policy] ?? PALE;

// oxlint-disable-next-line max-params -- a word on a page has a place, a size, a colour and a weight
function text(
  x: number,
  y: number,
  words: string,
  size: number,
  color: string,
  weight: 'normal' | 'bold' = 'normal',
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${color}" font-weight="${weight}" text-anchor="${anchor}">${words}</text>`;
}
