import type { Machine } from './transaction-table.ts';

/**
 * Non-INVITE client transaction: RFC 3261 §17.1.2.
 *
 * The request is sent until a final response comes (E, slower after a provisional one), for 32 s (F). While nothing
 * comes, it is asked each time whether the port is open at all: a closed one is a transport error (§17.1.4). Then the
 * transaction stays to absorb retransmissions of the response (K).
 */
export const NON_INVITE_CLIENT: Machine = {
  role: 'client',
  states: ['initial', 'trying', 'proceeding', 'completed', 'terminated'],
  events: ['request', '1xx', '2xx', '3xx-6xx', 'transport-error', 'timer-e', 'timer-f', 'timer-k'],
  table: {
    initial: {
      request: { to: 'trying', actions: ['send-request', 'start-e', 'start-f'] },
    },
    trying: {
      '1xx': { to: 'proceeding', actions: ['pass-up'] },
      '2xx': { to: 'completed', actions: ['stop-timers', 'start-k', 'pass-up'] },
      '3xx-6xx': { to: 'completed', actions: ['stop-timers', 'start-k', 'pass-up'] },
      'timer-e': { to: 'trying', actions: ['send-request', 'again-e', 'probe'] },
      'timer-f': { to: 'terminated', actions: ['report-timeout'] },
      'transport-error': { to: 'terminated', actions: ['report-failure'] },
    },
    proceeding: {
      '1xx': { to: 'proceeding', actions: ['pass-up'] },
      '2xx': { to: 'completed', actions: ['stop-timers', 'start-k', 'pass-up'] },
      '3xx-6xx': { to: 'completed', actions: ['stop-timers', 'start-k', 'pass-up'] },
      'timer-e': { to: 'proceeding', actions: ['send-request', 'slow-e'] },
      'timer-f': { to: 'terminated', actions: ['report-timeout'] },
      'transport-error': { to: 'terminated', actions: ['report-failure'] },
    },
    completed: {
      'timer-k': { to: 'terminated', actions: [] },
    },
  },
};
