import { contactOf } from './command.ts';
import type { Dialog } from './dialog.ts';
import type { Environment } from './environment.ts';
import { header, type Header, type SipRequest } from './message.ts';
import { needsContact, viaHeader } from './new-request.ts';
import { hopTo, type Hop, type HopFault } from './next-hop.ts';
import { routed, uriOfRoute } from './route-set.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Streams } from './streams.ts';
import type { Flow } from './transport.ts';

export interface DialogRequestOptions {
  /** Method, own headers and body; its Request-URI is kept unless it is the placeholder. */
  readonly given: SipRequest;
  /** What of the given headers goes out. */
  readonly free: readonly Header[];
  readonly sequence: number;
  readonly flow: Flow;
  readonly branch: string;
}

/** drachtio-srf writes this Request-URI for "the peer of the dialog". */
export const PLACEHOLDER = 'sip:placeholder';

/** A request inside a dialog: RFC 3261 §12.2.1.1. */
export function dialogRequest(
  env: Environment,
  dialog: Dialog,
  { given, free, sequence, flow, branch }: DialogRequestOptions,
): SipRequest {
  const { uri, routes } = routed(dialog.routeSet, dialog.remoteTarget);
  const own = given.uri === PLACEHOLDER || given.method === 'ACK' ? uri : given.uri;
  return {
    ...given,
    uri: own,
    version: '2.0',
    headers: [
      viaHeader(env, flow.transport, branch),
      ...routes.map((route) => header('Route', route)),
      header('Max-Forwards', '70'),
      header('From', dialog.localParty),
      header('To', dialog.remoteParty),
      header('Call-ID', dialog.callId),
      header('CSeq', `${sequence} ${given.method}`),
      ...(needsContact(given) ? [contactOf(env, given.headers, flow.transport)] : []),
      ...free,
    ],
  };
}

/** Where requests of this dialog go: its first route, else the peer's way back while it is open, else its Contact. */
export function dialogHop(dialog: Dialog, streams: Streams): Result<Hop, HopFault> {
  const [route] = dialog.routeSet;
  if (route !== undefined) {
    const uri = uriOfRoute(route);
    return uri === undefined ? fail('invalid-uri') : hopTo(uri);
  }
  const { wayBack } = dialog;
  return wayBack !== undefined && streams.isUp(wayBack)
    ? ok({ flow: wayBack, mayBeTcp: false })
    : hopTo(dialog.remoteTarget);
}
