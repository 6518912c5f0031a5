/** Everything this folder counts: traffic, what was dropped and why, and each limit that was hit. */
const COUNTERS = [
  'requests-received',
  'responses-received',
  'requests-sent',
  'responses-sent',
  'retransmissions-absorbed',
  'keep-alives',
  'dropped-unparsable',
  'dropped-stray-response',
  'dropped-stray-ack',
  'dropped-provisional-order',
  'dropped-forks-full',
  'refused-bad-request',
  'refused-unsupported',
  'refused-too-large',
  'refused-no-application',
  'refused-no-dialog',
  'refused-out-of-order',
  'refused-stray-prack',
  'refused-short-session',
  'refused-provisionals-full',
  'refused-transactions-full',
  'refused-dialogs-full',
  'refused-overloaded',
  'closed-bad-stream',
  'closed-idle-stream',
  'closed-slow-stream',
  'udp-to-tcp',
  'tcp-back-to-udp',
  'closed-bad-frame',
  'closed-bad-secret',
  'closed-apps-full',
  'closed-routes-full',
  'closed-unauthenticated',
  'app-silent',
  'acks-missing',
  'pracks-missing',
  'sessions-refreshed',
  'sessions-expired',
] as const;

export type Counter = (typeof COUNTERS)[number];
export type Counts = Readonly<Record<Counter, number>>;

/** All at zero. */
export function newCounts(): Record<Counter, number> {
  const zeros: Partial<Record<Counter, number>> = {};
  for (const counter of COUNTERS) zeros[counter] = 0;
  return zeros as Record<Counter, number>;
}
