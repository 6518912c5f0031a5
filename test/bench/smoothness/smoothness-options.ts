import { parseArgs } from 'node:util';
import { UDP_CHOICES, type UdpChoice } from '../../../src/net/open-udp.ts';

export interface SmoothnessOptions {
  /** Runs of each stream over each network, seeded from 1. */
  readonly seeds: number;
  /** Length of the streams. */
  readonly seconds: number;
  /** File of the plot. */
  readonly plot: string;
  /** Streams at a time for which punctuality is measured on real sockets; none leaves it out. */
  readonly streams: readonly number[];
  readonly sockets: UdpChoice;
  readonly json: boolean;
}

/** @throws Error that says how it is used. */
export function parseSmoothnessOptions(args: readonly string[]): SmoothnessOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      seeds: { type: 'string', default: '20' },
      seconds: { type: 'string', default: '20' },
      plot: { type: 'string', default: 'smoothness.svg' },
      streams: { type: 'string', default: '1,50' },
      sockets: { type: 'string', default: 'auto' },
    },
  });
  const sockets = UDP_CHOICES.find((choice) => choice === values.sockets);
  if (sockets === undefined) throw new Error(`--sockets: ${UDP_CHOICES.join(', ')}`);
  return {
    seeds: whole('--seeds', values.seeds, 10_000),
    seconds: whole('--seconds', values.seconds, 600),
    plot: values.plot,
    streams:
      values.streams === 'none'
        ? []
        : values.streams.split(',').map((text) => whole('--streams', text, 1_000)),
    sockets,
    json: values.json,
  };
}

function whole(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new Error(`${option} takes 1 to ${max}`);
  return value;
}
