import { isSdp, type Dialog } from './dialog.ts';
import type { SipRequest } from './message.ts';

/** What of the dialog's state can stand in the way of a request that changes its session. */
export type Obstacle =
  /** The peer's INVITE waits for our answer. */
  | 'their-invite'
  /** Ours waits for the peer's. */
  | 'our-invite'
  /** The peer's UPDATE waits for our answer. */
  | 'their-update'
  /** The peer's offer is not answered. */
  | 'their-offer'
  /** Our offer is not answered. */
  | 'our-offer';

export type Change = 'invite' | 'update' | 'update-with-offer';

/**
 * Two requests at once that change one session: RFC 3261 §14.2 (INVITE), RFC 3311 §5.2 (UPDATE). 491: ours and theirs
 * have met, both come again after a random time. 500: the peer sent two; it comes again after Retry-After. The first
 * obstacle that counts decides. An empty cell: no obstacle to this.
 */
export const COLLISIONS: Readonly<Record<Change, Readonly<Partial<Record<Obstacle, 491 | 500>>>>> =
  {
    invite: { 'their-invite': 500, 'our-invite': 491 },
    update: { 'their-update': 500 },
    'update-with-offer': { 'their-update': 500, 'our-offer': 491, 'their-offer': 500 },
  };

const PRESENT: Readonly<Record<Obstacle, (dialog: Dialog) => boolean>> = {
  'their-invite': ({ pendingInvite }) => pendingInvite !== undefined,
  'our-invite': ({ inviting }) => inviting,
  'their-update': ({ updating }) => updating,
  'their-offer': ({ offering }) => offering === 'them',
  'our-offer': ({ offering }) => offering === 'us',
};

const OBSTACLES: readonly Obstacle[] = [
  'their-invite',
  'our-invite',
  'their-update',
  'their-offer',
  'our-offer',
];

/** @returns the refusal, or undefined when the request may go on. */
export function collisionOf({ method, body }: SipRequest, dialog: Dialog): 491 | 500 | undefined {
  const update = isSdp(body) ? 'update-with-offer' : 'update';
  const cells = COLLISIONS[method === 'INVITE' ? 'invite' : update];
  const obstacle = OBSTACLES.find((each) => cells[each] !== undefined && PRESENT[each](dialog));
  return obstacle && cells[obstacle];
}
