/**
 * When the receiver is offered the data (M10). Absent means the subscriber's setting, then the platform's.
 * docs/in-call-protocol.md §2.
 */
export type Threshold =
  | { readonly percent: number }
  | { readonly bytes: number }
  | { readonly seconds: number }
  | 'adaptive';
