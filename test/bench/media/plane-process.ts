import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ThreadPlane } from '../../../src/media/thread-plane.ts';
import type { FromPlane, Line, ToPlane } from './plane-messages.ts';

/**
 * A process that runs the product's media plane and nothing else, for the benchmark that started it: what it uses is what the
 * plane costs.
 */
const HOST = '127.0.0.1';
/** Nothing may end for want of space or packets. */
const SIZE_MAX = 1e12;
const IDLE_MS = 600_000;

let plane: ThreadPlane | undefined;

function running(): ThreadPlane {
  if (plane === undefined) throw new Error('start comes first');
  return plane;
}

type Store = Extract<ToPlane, { type: 'store' }>;

async function store({
  lines,
  payloadType,
  clockRate,
  delayMs = 0,
}: Store): Promise<readonly number[]> {
  const ports: number[] = [];
  for (const [index, { from, to }] of lines.entries()) {
    const id = `bench-${index}`;
    const { rtp } = await running().openIngest(id);
    await running().confirmIngest(id, {
      kind: 'media',
      format: { payloadType, encoding: 'PCMU', clockRate, channels: 1 },
      remote: { rtp: from, rtcp: from },
      sizeMax: SIZE_MAX,
      idleMs: IDLE_MS,
      header: { transfer: id },
    });
    await running().openDelivery(id);
    const terms = {
      transfer: id,
      kind: 'media',
      payloadType,
      clockRate,
      remote: { rtp: to, rtcp: to },
      maxRate: 1e10,
      from: 'start',
    } as const;
    if (delayMs === 0) await running().startDelivery(id, terms);
    else setTimeout(() => void running().startDelivery(id, terms), delayMs);
    ports.push(rtp);
  }
  return ports;
}

async function relay(lines: readonly Line[]): Promise<readonly number[]> {
  const ports: number[] = [];
  for (const [index, { from, to }] of lines.entries()) {
    const id = `bench-${index}`;
    const { caller } = await running().openRelay(id);
    await running().setRelayRemote(id, 'caller', { rtp: from, rtcp: from });
    await running().setRelayRemote(id, 'callee', { rtp: to, rtcp: to });
    ports.push(caller.rtp);
  }
  return ports;
}

async function answer(asked: ToPlane): Promise<FromPlane> {
  switch (asked.type) {
    case 'start': {
      const { dist, spoolFolder, sockets, ports } = asked;
      const entry = pathToFileURL(join(dist, 'src/media-thread.js'));
      const options = { address: HOST, advertise: HOST, ...ports, spoolFolder, sockets };
      plane = await ThreadPlane.start(entry, options);
      return { type: 'done' };
    }
    case 'store':
      return { type: 'ports', ports: await store(asked) };
    case 'relay':
      return { type: 'ports', ports: await relay(asked.lines) };
    case 'counts':
      return { type: 'counts', counts: await running().counts() };
    case 'stop':
      await plane?.close();
      return { type: 'done' };
  }
}

process.on('message', (asked: ToPlane) => {
  void answer(asked)
    .catch((cause: unknown): FromPlane => ({ type: 'failed', text: String(cause) }))
    .then((said) => process.send?.(said))
    .then(() => {
      if (asked.type === 'stop') process.disconnect();
    });
});
