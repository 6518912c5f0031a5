import type { Machine } from './transaction-table.ts';

/**
 * INVITE server transaction: RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1.
 *
 * 100 goes out at once and again for each retransmission, so that the peer stops sending (§17.2.1). A refusal is
 * sent until the ACK comes (G), for 32 s (H); then stray ACKs are absorbed (I). After a 2xx the user retransmits it;
 * the transaction only absorbs the INVITE's retransmissions (L).
 *
 * A failing transport changes nothing (RFC 6026 §8.8): the timers end the transaction.
 */
export const INVITE_SERVER: Machine = {
  role: 'server',
  states: ['initial', 'proceeding', 'completed', 'confirmed', 'accepted', 'terminated'],
  events: [
    'request',
    '1xx',
    '2xx',
    '3xx-6xx',
    'ack',
    'abandoned',
    'transport-error',
    'timer-g',
    'timer-h',
    'timer-i',
    'timer-l',
  ],
  table: {
    initial: {
      request: { to: 'proceeding', actions: ['send-100', 'pass-up'] },
    },
    proceeding: {
      request: { to: 'proceeding', actions: ['resend-response'] },
      '1xx': { to: 'proceeding', actions: ['send-response'] },
      '2xx': { to: 'accepted', actions: ['send-response', 'start-l'] },
      '3xx-6xx': { to: 'completed', actions: ['send-response', 'start-g', 'start-h'] },
      abandoned: { to: 'terminated', actions: [] },
    },
    completed: {
      request: { to: 'completed', actions: ['resend-response'] },
      ack: { to: 'confirmed', actions: ['stop-timers', 'start-i'] },
      'timer-g': { to: 'completed', actions: ['resend-response', 'again-g'] },
      'timer-h': { to: 'terminated', actions: ['report-timeout'] },
    },
    confirmed: {
      'timer-i': { to: 'terminated', actions: [] },
    },
    accepted: {
      '2xx': { to: 'accepted', actions: ['send-response'] },
      ack: { to: 'accepted', actions: ['pass-up'] },
      'timer-l': { to: 'terminated', actions: [] },
    },
  },
};
