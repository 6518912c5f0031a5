/** What the SIP transports count themselves, ahead of the core: each limit that was hit, and peers that speak wrong. */
export interface NetCounts {
  /** No room for one more connection. */
  'closed-connections-full': number;
  /** One source has too many. */
  'closed-source-full': number;
  /** A peer did not read what we sent. */
  'closed-unread': number;
  /** A WebSocket message that is far too long. */
  'closed-websocket-message': number;
  /** Not a WebSocket that speaks SIP. */
  'refused-websocket': number;
  /** Too many silent UDP peers at once: this one was not asked whether it is there. */
  'dropped-probes-full': number;
  /** A TLS handshake that came to nothing. */
  'refused-tls': number;
}

/** All at zero. */
export const newNetCounts = (): NetCounts => ({
  'closed-connections-full': 0,
  'closed-source-full': 0,
  'closed-unread': 0,
  'closed-websocket-message': 0,
  'refused-websocket': 0,
  'dropped-probes-full': 0,
  'refused-tls': 0,
});
