import { text } from 'node:stream/consumers';
import { percentile } from '../../support/smoothness/smoothness.ts';
import { spawnSubject } from '../media/machine.ts';

/** As often as a stream of speech has a packet. */
const STEP_MS = 20;

/**
 * How late the machine wakes a process that only waits, on the core and with the priority of what is measured: punctuality can't be
 * better than that.
 * @returns its 99th percentile, in milliseconds.
 */
export async function bareTimerLateness(forMs: number): Promise<number> {
  const child = spawnSubject([process.execPath, '--eval', WAITER, String(forMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('the timer has no output');
  // Written by the lines below, and by nothing else.
  const late = JSON.parse(await text(child.stdout)) as readonly number[];
  return Number(percentile(late, 0.99).toFixed(3));
}

/** Atomics.wait is a futex, exact to microseconds; setTimeout knows whole milliseconds. */
const WAITER = `
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const late = [];
  const end = performance.now() + Number(process.argv[1]);
  for (let due = performance.now() + ${STEP_MS}; due < end; due += ${STEP_MS}) {
    Atomics.wait(cell, 0, 0, Math.max(0, due - performance.now()));
    late.push(performance.now() - due);
  }
  process.stdout.write(JSON.stringify(late));
`;
