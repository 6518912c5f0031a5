import type { EventLine } from '../phone/lines.ts';
import type { Stage } from './stage.ts';
import type { CallEnd } from './voice-watch.ts';

/** Somebody calls bob, who answers. @returns the caller's end and bob's. */
export async function callBob(
  stage: Stage,
  caller: 'alice' | 'carol',
): Promise<[CallEnd, CallEnd]> {
  const from = stage.party(caller).phone;
  const bob = stage.party('bob').phone;
  const { call } = await from.command('call', { to: 'bob' });
  const answer = await from.waitForAny(answersTo(call), 'answer to the call');
  if (answer.event === 'ended') throw new Error(`bob was not reached: ${String(answer['status'])}`);
  const incoming = await bob.waitFor('incoming', (event) => event['from'] === caller);
  await bob.waitFor('established', (event) => event['call'] === incoming['call']);
  return [
    { phone: from, call: String(call) },
    { phone: bob, call: String(incoming['call']) },
  ];
}

const answersTo =
  (call: unknown) =>
  (event: EventLine): boolean =>
    event['call'] === call && (event.event === 'established' || event.event === 'ended');
