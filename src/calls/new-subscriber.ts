import type { Clock } from '../base/clock.ts';
import type { Subscriber } from '../transfers/store.ts';
import type { Threshold } from '../transfers/threshold.ts';
import { ha1Of } from './digest.ts';

/** Who is to be a subscriber. */
export interface SubscriberOrder {
  readonly id: string;
  readonly sipPassword: string;
  readonly storagePassword: string;
  /** Bytes. */
  readonly space: number;
  readonly threshold?: Threshold;
}

export interface SubscriberMaker {
  /** Host part of the address of record, and digest realm. */
  readonly domain: string;
  readonly passwords: { hash(password: string): Promise<string> };
  readonly clock: Pick<Clock, 'wallclock'>;
}

/** What is kept of a subscriber: no password, only what proves one. @throws MidcallError `busy`, RangeError for a password too long. */
export async function newSubscriber(
  order: SubscriberOrder,
  maker: SubscriberMaker,
): Promise<Subscriber> {
  const { id, sipPassword, storagePassword, space, threshold } = order;
  const { domain, passwords, clock } = maker;
  return {
    id,
    ha1: {
      md5: ha1Of('MD5', id, domain, sipPassword),
      sha256: ha1Of('SHA-256', id, domain, sipPassword),
    },
    storagePassword: await passwords.hash(storagePassword),
    space,
    ...(threshold === undefined ? {} : { threshold }),
    createdAt: clock.wallclock(),
  };
}
