import type { Command } from './command.ts';
import { splitList } from './header-list.ts';
import { headersNamed, type SipRequest } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { parseUri } from './uri.ts';

/** What a route set makes of a request. */
export interface Routed {
  /** The Request-URI. */
  readonly uri: string;
  /** The Route headers, in order. */
  readonly routes: readonly string[];
}

/**
 * RFC 3261 §12.2.1.1: the target on the request line, the routes in Route. A first route without `lr` is a strict
 * router: it wants its own URI on the request line, and the target last.
 */
export function routed(routeSet: readonly string[], target: string): Routed {
  const first = uriOfRoute(routeSet[0]);
  if (first === undefined || isLoose(first)) return { uri: target, routes: routeSet };
  return { uri: first, routes: [...routeSet.slice(1), `<${target}>`] };
}

/** @returns undefined when it is no route. */
export function uriOfRoute(route: string | undefined): string | undefined {
  const parsed = parseNameAddr(route ?? '');
  return parsed.ok ? parsed.value.uri : undefined;
}

/**
 * The route set that an application gives its request outside dialogs (RFC 3261 §8.1.2), such as a Path (RFC 3327 §5.3). It
 * counts only when its first URI is the proxy that the frame names: drachtio-server drops every Route, so applications
 * that copy all headers from leg to leg write routes that they do not mean.
 */
export function givenRoute({ proxy }: Command, { headers }: SipRequest): readonly string[] {
  const routes = headersNamed(headers, 'route').flatMap(({ value }) => splitList(value));
  return uriOfRoute(routes[0]) === proxy ? routes : [];
}

function isLoose(routeUri: string): boolean {
  const uri = parseUri(routeUri);
  return uri.ok && uri.value.params.has('lr');
}
