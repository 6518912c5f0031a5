import type { Authenticator } from './authenticator.ts';
import { assertedNumber, displayName, partyOf, UNKNOWN_CALLER, wantsPrivacy } from './identity.ts';
import type { Caller } from './identity.ts';
import type { SipRequest, SipResponse } from './sip-application.ts';
import { toE164 } from './trunks/number-plan.ts';
import type { Trunk } from './trunks/trunk.ts';
import type { Trunks } from './trunks/trunks.ts';

/** Says who sends an INVITE or a MESSAGE: a trunk, by where it comes from, or a subscriber, by its digest. */
export class Callers {
  readonly #authenticator: Authenticator;
  readonly #trunks: Trunks;

  constructor(authenticator: Authenticator, trunks: Trunks) {
    this.#authenticator = authenticator;
    this.#trunks = trunks;
  }

  /** @returns undefined when the sender is not believed; then the request has been answered. */
  async identify(request: SipRequest, response: SipResponse): Promise<Caller | undefined> {
    const trunk = this.#trunks.ofSource(request.source_address);
    if (trunk !== undefined) return this.#ofTrunk(request, response, trunk);
    const subscriber = await this.#authenticator.authenticate(request, response, 'proxy');
    if (subscriber === undefined) return undefined;
    const { name } = request.getParsedHeader('from');
    const isPrivate = wantsPrivacy(request);
    return { number: subscriber.id, name: displayName(name), isPrivate, trunk: undefined };
  }

  #ofTrunk(request: SipRequest, response: SipResponse, trunk: Trunk): Caller | undefined {
    const { inboundDigest: peer, plan } = trunk;
    if (peer !== undefined && !this.#authenticator.provesPeer(request, response, peer))
      return undefined;
    const from = request.getParsedHeader('from');
    const number = assertedNumber(request) ?? partyOf(from.uri) ?? UNKNOWN_CALLER;
    const isPrivate = wantsPrivacy(request);
    return { number: toE164(number, plan), name: displayName(from.name), isPrivate, trunk };
  }
}
