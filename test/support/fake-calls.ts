import { Call } from '../../src/calls/call.ts';
import type { Leg } from '../../src/calls/call.ts';
import type { Calls } from '../../src/calls/calls.ts';
import { FakeDialog } from './fake-sip.ts';

export interface FakeCall {
  readonly call: Call;
  readonly caller: Leg & { readonly dialog: FakeDialog };
  readonly callee: Leg & { readonly dialog: FakeDialog };
}

/** An answered call between two numbers. @param takesInfo whether their phones speak our INFO. */
export function fakeCall(
  calls: Calls,
  id: string,
  numbers: readonly [caller: string, callee: string],
  takesInfo = true,
): FakeCall {
  const call = new Call(id, undefined);
  const legOf = (side: Leg['side'], number: string): Leg & { dialog: FakeDialog } => ({
    side,
    party: { number, leg: { call: id, side } },
    dialog: new FakeDialog(),
    takesInfo,
  });
  const legs = { caller: legOf('caller', numbers[0]), callee: legOf('callee', numbers[1]) };
  calls.add(call);
  calls.answered(call, legs);
  return { call, ...legs };
}
