import { ha1Of } from '../../src/calls/digest.ts';
import type { Algorithm } from '../../src/calls/digest.ts';
import { responseOf, parseCredentials } from '../../src/calls/digest.ts';
import type {
  DialogRequest,
  SipDialog,
  SipRequest,
  SipResponse,
} from '../../src/calls/sip-application.ts';

type Headers = Readonly<Record<string, string>>;

interface FakeMessage {
  readonly body: string;
  readonly headers: Headers;
  has(header: string): boolean;
  get(header: string): string;
}

const message = (headers: Headers, body = ''): FakeMessage => {
  const byName = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    body,
    headers: Object.fromEntries(byName),
    has: (header) => byName.has(header.toLowerCase()),
    get: (header) => byName.get(header.toLowerCase()) ?? '',
  };
};

/** A request as drachtio-srf gives it. Contacts are written `<uri>;name=value, …`. */
export function fakeRequest(
  method: string,
  options: {
    readonly uri?: string;
    readonly from?: string;
    readonly to?: string;
    readonly headers?: Headers;
    readonly body?: string;
    readonly protocol?: string;
  } = {},
): SipRequest {
  const { uri = 'sip:example.com', from = 'sip:alice@example.com', to = from } = options;
  const headers = { 'Call-ID': 'r1', CSeq: `1 ${method}`, ...options.headers };
  const read = message(headers, options.body);
  function parsed(header: 'from' | 'to'): { name: string; uri: string };
  function parsed(header: 'contact'): { uri: string; params: Record<string, string> }[];
  function parsed(header: string): unknown {
    if (header !== 'contact') return { name: '', uri: header === 'from' ? from : to };
    return read
      .get('Contact')
      .split(/,\s*/)
      .map((contact) => ({
        uri: /<(.*)>/.exec(contact)?.[1] ?? contact,
        params: Object.fromEntries(
          [...contact.matchAll(/;(\w+)=(\w+)/g)].map(([, name = '', value = '']) => [name, value]),
        ),
      }));
  }
  return {
    ...read,
    method,
    uri,
    source_address: '198.51.100.7',
    source_port: 5_060,
    protocol: options.protocol ?? 'udp',
    getParsedHeader: parsed,
  };
}

export interface Sent {
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: Headers;
  readonly body: string | undefined;
}

/** Keeps what was answered. @throws on a second final answer, as SIP would. */
export class FakeResponse implements SipResponse {
  readonly sent: Sent[] = [];
  readonly status = 0;
  readonly reason = '';
  readonly body = '';
  readonly headers = {};
  /** What the framework keeps behind a response: the way to statuses that its own `send` does not know. */
  readonly msg = { status: 0, reason: '' };
  readonly agent = {
    sendResponse: (_response: SipResponse, options: { headers?: Record<string, string> }): void =>
      this.send(this.msg.status, this.msg.reason, options),
  };
  finished = false;

  get finalResponseSent(): boolean {
    return this.sent.some(({ status }) => status >= 200);
  }

  has(): boolean {
    return false;
  }

  get(): string {
    return '';
  }

  send(
    status: number,
    reason?: string,
    options: { headers?: Record<string, string>; body?: string | undefined } = {},
  ): void {
    if (this.finalResponseSent) throw new Error(`answered ${status} after the final answer`);
    this.sent.push({ status, reason, headers: options.headers ?? {}, body: options.body });
  }

  /** The one answer. @throws when there is none. */
  get answer(): Sent {
    const [answer] = this.sent;
    if (answer === undefined) throw new Error('not answered');
    return answer;
  }
}

/** An answer that came from elsewhere. */
export const fakeAnswer = (status: number, headers: Headers = {}, body = ''): SipResponse => ({
  ...message(headers, body),
  status,
  reason: '',
  finalResponseSent: true,
  send: () => {},
});

/** A dialog whose requests wait until a test answers them. */
export class FakeDialog implements SipDialog {
  connected = true;
  destroyed = 0;
  readonly requests: {
    readonly request: DialogRequest;
    readonly answer: (status: number) => void;
    readonly fail: (error: Error) => void;
  }[] = [];

  on(): void {}
  once(): void {}

  request(
    request: DialogRequest,
    callback: (error: unknown, response?: SipResponse) => void,
  ): void {
    this.requests.push({
      request,
      answer: (status) => callback(undefined, fakeAnswer(status)),
      fail: (error) => callback(error),
    });
  }

  async destroy(): Promise<void> {
    this.connected = false;
    this.destroyed += 1;
  }
}

/** What a phone puts into Authorization for a challenge. RFC 7616 §3.4. */
export function authorization(
  challenge: string,
  phone: {
    readonly user: string;
    readonly password: string;
    readonly method: string;
    readonly algorithm?: Algorithm;
    readonly realm?: string;
  },
): string {
  const field = (name: string): string =>
    new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const { user, password, method, algorithm = 'MD5', realm = field('realm') } = phone;
  const without = [
    `username="${user}"`,
    `realm="${realm}"`,
    `nonce="${field('nonce')}"`,
    'uri="sip:example.com"',
    `algorithm=${algorithm}`,
    'qop=auth',
    'nc=00000001',
    'cnonce="c0ffee"',
  ].join(', ');
  const credentials = parseCredentials(`Digest ${without}, response="x"`);
  if (credentials === undefined) throw new Error('not credentials');
  const ha1 = ha1Of(algorithm, user, realm, password);
  return `Digest ${without}, response="${responseOf(credentials, ha1, method)}"`;
}
