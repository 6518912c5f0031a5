import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UDP_CHOICES, type UdpChoice } from '../../../src/net/open-udp.ts';

export interface SmoothnessOptions {
  /** Runs of each stream over each network, seeded from 1; none leaves out all that is simulated. */
  readonly seeds: number;
  /** Length of the streams. */
  readonly seconds: number;
  /** File of the plot. */
  readonly plot: string;
  /** Streams at a time for which punctuality is measured on real sockets; none leaves it out. */
  readonly streams: readonly number[];
  /** Kinds of sockets for which it is, one after the other. */
  readonly sockets: readonly UdpChoice[];
  /** See PunctualityTerms. */
  readonly realtime: boolean;
  readonly json: boolean;
}

const PLOT = join(tmpdir(), 'midcall-smoothness.svg');

/** @throws Error that says how it is used. */
export function parseSmoothnessOptions(args: readonly string[]): SmoothnessOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      seeds: { type: 'string', default: '20' },
      seconds: { type: 'string', default: '20' },
      plot: { type: 'string', default: PLOT },
      streams: { type: 'string', default: '1,50' },
      sockets: { type: 'string', default: 'auto' },
      realtime: { type: 'boolean', default: false },
    },
  });
  return {
    seeds: values.seeds === 'none' ? 0 : whole('--seeds', values.seeds, 10_000),
    seconds: whole('--seconds', values.seconds, 600),
    plot: values.plot,
    streams:
      values.streams === 'none'
        ? []
        : values.streams.split(',').map((text) => whole('--streams', text, 1_000)),
    sockets: values.sockets.split(',').map(socketsOf),
    realtime: values.realtime,
    json: values.json,
  };
}

function socketsOf(name: string): UdpChoice {
  const sockets = UDP_CHOICES.find((choice) => choice === name);
  if (sockets === undefined) throw new Error(`--sockets takes ${UDP_CHOICES.join(', ')}`);
  return sockets;
}

function whole(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new Error(`${option} takes 1 to ${max}`);
  return value;
}
