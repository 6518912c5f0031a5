import type { Machine } from './transaction-table.ts';

/**
 * Non-INVITE server transaction: RFC 3261 §17.2.2 with RFC 4320.
 *
 * The answer is sent, and sent again for each retransmission of the request (J). Nothing is sent before the user
 * answers, but 100 when the client has come to its slowest pace (RFC 4320 §4.1): earlier, it would only be slowed down. A user that does not answer in time abandons the transaction in silence: an answer that the client can't
 * use any more would only be passed on in vain (RFC 4320 §4.2).
 */
export const NON_INVITE_SERVER: Machine = {
  role: 'server',
  states: ['initial', 'trying', 'proceeding', 'completed', 'terminated'],
  events: [
    'request',
    '1xx',
    '2xx',
    '3xx-6xx',
    'abandoned',
    'transport-error',
    'timer-j',
    'timer-100',
  ],
  table: {
    initial: {
      request: { to: 'trying', actions: ['start-100', 'pass-up'] },
    },
    trying: {
      '1xx': { to: 'proceeding', actions: ['stop-timers', 'send-response'] },
      '2xx': { to: 'completed', actions: ['stop-timers', 'send-response', 'start-j'] },
      '3xx-6xx': { to: 'completed', actions: ['stop-timers', 'send-response', 'start-j'] },
      'timer-100': { to: 'proceeding', actions: ['send-100'] },
      abandoned: { to: 'terminated', actions: [] },
    },
    proceeding: {
      request: { to: 'proceeding', actions: ['resend-response'] },
      '1xx': { to: 'proceeding', actions: ['send-response'] },
      '2xx': { to: 'completed', actions: ['send-response', 'start-j'] },
      '3xx-6xx': { to: 'completed', actions: ['send-response', 'start-j'] },
      abandoned: { to: 'terminated', actions: [] },
    },
    completed: {
      request: { to: 'completed', actions: ['resend-response'] },
      'timer-j': { to: 'terminated', actions: [] },
    },
  },
};
