import { once } from 'node:events';
import { join } from 'node:path';
import { builtDist } from '../../support/built-dist.ts';
import type { UdpChoice } from '../../../src/net/open-udp.ts';
import { usageOf } from '../sip/process-usage.ts';
import { HOST, SINK_PORT_FIRST, sinkOf, sourceOf } from './load.ts';
import { CORES, endProcess, pidOf, spawnSubject } from './machine.ts';
import { PlaneChild } from './plane-child.ts';
import { startRtpengine } from './rtpengine.ts';
import { socketsOf, type Subject, type SubjectName, type SubjectTerms } from './subject.ts';
import { CLOCK_RATE, payloadTypeOf } from './workloads.ts';

/** Below the ports of the load. */
const PORTS = { portMin: 10_000, portMax: 29_999 };

/** Starts what is measured, with all its streams open. */
export function startSubject(name: SubjectName, terms: SubjectTerms): Promise<Subject> {
  const sockets = socketsOf(name);
  if (sockets !== undefined) return startPlane(terms, sockets);
  if (name === 'c-relay') return startRelay(terms);
  return startRtpengine(terms, name === 'rtpengine-pcap' && terms.workload.path === 'store');
}

async function startPlane(terms: SubjectTerms, sockets: UdpChoice): Promise<Subject> {
  const { workload, oneSource, folder, profile } = terms;
  const plane = await PlaneChild.start(
    { dist: builtDist(), spoolFolder: folder, sockets, ports: PORTS },
    profile,
  );
  const lines = Array.from({ length: workload.streams }, (_, index) => ({
    from: { address: HOST, port: sourceOf(index, oneSource) },
    to: { address: HOST, port: sinkOf(index) },
  }));
  try {
    const emptyBytes = usageOf(plane.pid).residentBytes;
    const format = { payloadType: payloadTypeOf(workload), clockRate: CLOCK_RATE };
    const asked =
      workload.path === 'relay'
        ? ({ type: 'relay', lines } as const)
        : ({ type: 'store', lines, ...format } as const);
    const said = await plane.ask(asked);
    if (said.type !== 'ports') throw new Error('the plane gave no ports');
    return { pid: plane.pid, ports: said.ports, emptyBytes, stop: () => plane.stop() };
  } catch (cause) {
    await plane.stop();
    throw cause;
  }
}

async function startRelay(terms: SubjectTerms): Promise<Subject> {
  const { programs, workload, folder } = terms;
  const options = {
    streams: workload.streams,
    'in-port': PORTS.portMin,
    'sink-port': SINK_PORT_FIRST,
    core: CORES?.subject ?? -1,
    ...(workload.path === 'store' ? { record: join(folder, 'record') } : {}),
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawnSubject([programs.relay, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { stdout } = child;
  if (stdout === null) throw new Error('the relay has no output');
  await Promise.race([
    once(stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error('the relay did not start');
    }),
  ]);
  const ports = Array.from({ length: workload.streams }, (_, index) => PORTS.portMin + 2 * index);
  const pid = pidOf(child);
  // It opens its streams as it starts, and they are all it has.
  return { pid, ports, emptyBytes: 0, stop: () => endProcess(child) };
}
