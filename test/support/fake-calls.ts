import { Call } from '../../src/calls/call.ts';
import type { Leg } from '../../src/calls/call.ts';
import type { Calls } from '../../src/calls/calls.ts';
import type { MediaPlane } from '../../src/transfers/media-plane.ts';
import { FakeDialog } from './fake-sip.ts';

export interface FakeCall {
  readonly call: Call;
  readonly caller: Leg & { readonly dialog: FakeDialog };
  readonly callee: Leg & { readonly dialog: FakeDialog };
}

export interface FakeCallOptions {
  /** Whether their phones speak our INFO; they do unless told otherwise. */
  readonly takesInfo?: boolean;
  /** That the call is anchored in, its voice to be looked into. */
  readonly media?: MediaPlane;
}

/** An answered call between two numbers. */
export function fakeCall(
  calls: Calls,
  id: string,
  numbers: readonly [caller: string, callee: string],
  { takesInfo = true, media }: FakeCallOptions = {},
): FakeCall {
  const call = new Call(id, media, { codes: { store: '*1' } });
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
