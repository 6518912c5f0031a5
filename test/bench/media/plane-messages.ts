import type { Address } from '../../../src/base/address.ts';
import type { MediaCounts } from '../../../src/transfers/media-plane.ts';
import type { UdpChoice } from '../../../src/net/open-udp.ts';

/** What the benchmark asks of the process that runs the media plane, and what that answers. */
export type ToPlane =
  | {
      readonly type: 'start';
      readonly dist: string;
      readonly spoolFolder: string;
      readonly sockets: UdpChoice;
      readonly ports: { readonly portMin: number; readonly portMax: number };
    }
  /** One stream a pair of addresses: where it comes from, where it goes. */
  | {
      readonly type: 'store';
      readonly lines: readonly Line[];
      readonly payloadType: number;
      readonly clockRate: number;
      /** Each is passed on from its first packet, so much later; absent: at once. */
      readonly delayMs?: number;
    }
  | { readonly type: 'relay'; readonly lines: readonly Line[] }
  | { readonly type: 'counts' }
  | { readonly type: 'stop' };

export interface Line {
  readonly from: Address;
  readonly to: Address;
}

export type FromPlane =
  | { readonly type: 'done' }
  /** For each line where to send to. */
  | { readonly type: 'ports'; readonly ports: readonly number[] }
  | { readonly type: 'counts'; readonly counts: MediaCounts }
  | { readonly type: 'failed'; readonly text: string };
