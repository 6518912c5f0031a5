import type { Machine } from './transaction-table.ts';

/**
 * INVITE client transaction: RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2.
 *
 * The request is sent until something comes back (A), for 32 s (B). Each time it is asked whether the port is open at
 * all: a closed one is a transport error (§17.1.4). A final refusal is acknowledged by the
 * transaction itself, as often as it comes (D). A 2xx is acknowledged by the user, end to end; the transaction stays
 * for its retransmissions and for other forks' 2xx (M).
 *
 * Timer C (§16.6) is a proxy's, but somebody must give up on a peer that rings for ever: the user then cancels. After
 * a CANCEL the peer has 32 s to say 487 (§9.1).
 */
export const INVITE_CLIENT: Machine = {
  role: 'client',
  states: ['initial', 'calling', 'proceeding', 'completed', 'accepted', 'terminated'],
  events: [
    'request',
    '1xx',
    '2xx',
    '3xx-6xx',
    'cancelled',
    'transport-error',
    'timer-a',
    'timer-b',
    'timer-c',
    'timer-d',
    'timer-m',
    'timer-cancel',
  ],
  table: {
    initial: {
      request: { to: 'calling', actions: ['send-request', 'start-a', 'start-b'] },
    },
    calling: {
      '1xx': { to: 'proceeding', actions: ['stop-timers', 'start-c', 'pass-up'] },
      '2xx': { to: 'accepted', actions: ['stop-timers', 'start-m', 'pass-up'] },
      '3xx-6xx': { to: 'completed', actions: ['stop-timers', 'send-ack', 'start-d', 'pass-up'] },
      'timer-a': { to: 'calling', actions: ['send-request', 'again-a', 'probe'] },
      'timer-b': { to: 'terminated', actions: ['report-timeout'] },
      'transport-error': { to: 'terminated', actions: ['report-failure'] },
    },
    proceeding: {
      '1xx': { to: 'proceeding', actions: ['start-c', 'pass-up'] },
      '2xx': { to: 'accepted', actions: ['stop-timers', 'start-m', 'pass-up'] },
      '3xx-6xx': { to: 'completed', actions: ['stop-timers', 'send-ack', 'start-d', 'pass-up'] },
      cancelled: { to: 'proceeding', actions: ['start-cancel'] },
      'timer-c': { to: 'proceeding', actions: ['report-overdue'] },
      'timer-cancel': { to: 'terminated', actions: ['report-timeout'] },
      'transport-error': { to: 'terminated', actions: ['report-failure'] },
    },
    completed: {
      '3xx-6xx': { to: 'completed', actions: ['send-ack'] },
      'timer-d': { to: 'terminated', actions: [] },
      'transport-error': { to: 'terminated', actions: [] },
    },
    accepted: {
      '2xx': { to: 'accepted', actions: ['pass-up'] },
      'timer-m': { to: 'terminated', actions: [] },
    },
  },
};
