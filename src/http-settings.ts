import type { Setting } from './setting.ts';
import { host, portOrOff, secretOf, seconds } from './config-values.ts';

/** Settings of the storage box, the HTTP API and the operator's page. */
export interface HttpConfig {
  readonly httpHost: string;
  readonly httpPort: number | 'off';
  readonly httpSecret: string;
  readonly sessionSeconds: number;
  readonly operatorToken: string;
}

export const HTTP_SETTINGS: { readonly [Key in keyof HttpConfig]: Setting<HttpConfig[Key]> } = {
  httpHost: {
    name: 'MIDCALL_HTTP_HOST',
    default: '127.0.0.1',
    about:
      'Address of the storage box and the HTTP API, without TLS: beyond loopback, put a proxy with TLS before it.',
    parse: host,
  },
  httpPort: {
    name: 'MIDCALL_HTTP_PORT',
    default: '8080',
    about: 'Their port; `off` for none, 0 takes a free one.',
    parse: portOrOff,
  },
  httpSecret: {
    name: 'MIDCALL_HTTP_SECRET',
    default: '',
    about:
      'Signs sessions and links, 32 characters or more, the same on all nodes; empty takes one that the data folder keeps.',
    parse: secretOf(32),
    secret: true,
  },
  sessionSeconds: {
    name: 'MIDCALL_SESSION_SECONDS',
    default: '1800',
    about: 'Without a request for this long, a subscriber is signed out of the storage box.',
    parse: seconds,
  },
  operatorToken: {
    name: 'MIDCALL_OPERATOR_TOKEN',
    default: '',
    about: 'Credential of the operator API and page, 16 characters or more; empty turns both off.',
    parse: secretOf(16),
    secret: true,
  },
};
