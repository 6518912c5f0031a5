import type { RequestListener, SipMessage, SipRequest, SipResponse } from './sip-application.ts';

/** What drachtio-srf's requests and responses know and can, but do not show. */

/** The value of a header of the RFCs; undefined when the message has none. The framework's own `has` and `get` look at every header. */
export const headerOf = (
  { headers }: Pick<SipMessage, 'headers'>,
  name: string,
): string | undefined => headers[name.toLowerCase()];

/** The request behind a response that we got, as it was sent. */
export function sentHeader(response: SipResponse, name: string): string {
  const { req } = response as SipResponse & { readonly req?: SipMessage };
  return (req && headerOf(req, name)) ?? '';
}

/** The SIP server's name of the dialog that a message belongs to; '' when it belongs to none. */
export function dialogIdOf(message: SipMessage): string {
  const { stackDialogId } = message as SipMessage & { readonly stackDialogId?: string };
  return stackDialogId ?? '';
}

/** The name that the dialog of an INVITE of the network is going to have (docs/drachtio-wire-protocol.md §5). */
export function futureDialogId(invite: SipRequest): string {
  const { params } = invite.getParsedHeader('from');
  return `${invite.get('Call-ID')};from-tag=${params?.['tag'] ?? ''}`;
}

/** A request of the network is an emitter; what it emits before it is answered belongs to no dialog yet. */
interface Emitter {
  on(event: 'cancel', listener: () => void): void;
  on(event: 'update', listener: RequestListener): void;
}

const isEmitter = (request: object): request is Emitter => 'on' in request;

/** Calls back when the caller gives up an INVITE that is not answered yet. */
export function onCancel(request: SipRequest, listener: () => void): void {
  if (isEmitter(request)) request.on('cancel', listener);
}

/** Calls back for an UPDATE before the INVITE is answered. */
export function onEarlyUpdate(request: SipRequest, listener: RequestListener): void {
  if (isEmitter(request)) request.on('update', listener);
}

/**
 * Several headers of one name. The framework would join their values with commas, which many phones can't read where
 * challenges are concerned; with the line break inside the value, the server gets them as the two lines that they are.
 */
export const severalHeaders = (name: string, values: readonly string[]): string =>
  values.join(`\r\n${name}: `);

/** RFC 3261 §21: what we say ourselves, past the framework's list. */
const REASONS: Readonly<Record<number, string>> = {
  180: 'Ringing',
  403: 'Forbidden',
  408: 'Request Timeout',
  480: 'Temporarily Unavailable',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
};

/** What the framework keeps behind a response. */
interface ResponseInside {
  readonly msg: { status: number; reason: string };
  readonly agent: { sendResponse(response: SipResponse, options: object): void };
  finished: boolean;
}

/**
 * Sends any status. The framework's own `send` throws at those missing from its list, such as 469 (RFC 6086); what a phone
 * answered is passed on as it is. A second final response is the framework's to refuse, so it is not sent.
 */
export function respondWith(
  response: SipResponse,
  status: number,
  reason: string | undefined,
  options: { headers: Record<string, string>; body?: string },
): void {
  if (response.finalResponseSent) return;
  const inside = response as unknown as ResponseInside;
  inside.msg.status = status;
  inside.msg.reason = reason || REASONS[status] || 'Refused';
  inside.agent.sendResponse(response, options);
  inside.finished = status >= 200;
}
