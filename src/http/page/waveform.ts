import { draw } from './elements.ts';

const BARS = 24;
/** Longer ones would cost more to fetch than a picture is worth. */
const BYTES_MAX = 4_000_000;

/** A picture of how loud a recording is over time; a plain one when it can't be had. */
export async function waveform(url: string, bytes: number): Promise<SVGElement> {
  const loudness = bytes <= BYTES_MAX ? await loudnessOf(url).catch(() => PLAIN) : PLAIN;
  const bars = loudness.map((value, index) => {
    const height = Math.max(3, value * 40);
    return draw('rect', {
      x: index * 4 + 1,
      y: (44 - height) / 2,
      width: 2.4,
      height,
      rx: 1.2,
      fill: 'currentColor',
    });
  });
  const viewBox = `0 0 ${BARS * 4} 44`;
  return draw('svg', { viewBox, 'aria-hidden': 'true', preserveAspectRatio: 'none' }, ...bars);
}

const PLAIN = Array.from({ length: BARS }, (_, index) => 0.3 + 0.3 * Math.abs(Math.sin(index)));

/** The greatest sample of each stretch, the loudest being 1. */
async function loudnessOf(url: string): Promise<number[]> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const context = new OfflineAudioContext(1, 1, 8_000);
  const samples = (await context.decodeAudioData(await answer.arrayBuffer())).getChannelData(0);
  const length = Math.max(1, Math.floor(samples.length / BARS));
  const peaks = Array.from({ length: BARS }, (_, bar) =>
    samples
      .subarray(bar * length, (bar + 1) * length)
      .reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
  );
  const loudest = Math.max(...peaks, 0.01);
  return peaks.map((peak) => peak / loudest);
}
