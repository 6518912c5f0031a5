import { algorithmOf, digestParameters, responseOf } from './digest.ts';
import type { Algorithm, Secrets } from './digest.ts';

/** Who we are to somebody who challenges us, such as an operator's trunk. */
export interface DigestAccount {
  readonly user: string;
  /** The realm that the secrets were made with; another one can't be answered. */
  readonly realm: string;
  readonly ha1: Secrets;
}

interface Challenge {
  readonly algorithm: Algorithm;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly hasQop: boolean;
}

/** RFC 8760 §2.4: the first that we can answer is the one that the server prefers. */
const PREFERRED: readonly Algorithm[] = ['SHA-256', 'MD5'];
/** More challenges than anybody sends. */
const CHALLENGES_MAX = 8;

/**
 * The value of an Authorization or Proxy-Authorization header for a challenge (RFC 3261 §22, RFC 7616 §3.4).
 * @param challenge one WWW-Authenticate or Proxy-Authenticate header, or several joined by commas.
 * @param request the method and URI that will be sent.
 * @param cnonce our share of chance.
 * @returns undefined when none of the challenges is for this account.
 */
export function answerChallenge(
  challenge: string,
  account: DigestAccount,
  request: { readonly method: string; readonly uri: string },
  cnonce: string,
): string | undefined {
  const challenges = challengesIn(challenge).filter(({ realm }) => realm === account.realm);
  const algorithm = PREFERRED.find(
    (each) => account.ha1[each] !== '' && challenges.some((one) => one.algorithm === each),
  );
  const chosen = challenges.find((one) => one.algorithm === algorithm);
  if (chosen === undefined) return undefined;
  const { nonce, realm, opaque, hasQop } = chosen;
  const qop = hasQop ? { qop: 'auth', nc: '00000001', cnonce } : NO_QOP;
  const base = { algorithm: chosen.algorithm, nonce, uri: request.uri, ...qop };
  const response = responseOf(base, account.ha1[chosen.algorithm], request.method);
  const parts = [
    `username="${account.user}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${request.uri}"`,
    `response="${response}"`,
    `algorithm=${chosen.algorithm}`,
    ...(hasQop ? ['qop=auth', 'nc=00000001', `cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
  ];
  return `Digest ${parts.join(', ')}`;
}

const NO_QOP = { qop: undefined, nc: undefined, cnonce: undefined };

/** drachtio-srf joins headers of one name with commas: each `Digest` starts a new challenge. */
function challengesIn(text: string): readonly Challenge[] {
  const parts = text.split(/(?:^|,)\s*Digest\s+/i).slice(1, CHALLENGES_MAX + 1);
  return parts.flatMap((part) => challengeOf(digestParameters(part)) ?? []);
}

function challengeOf(fields: ReadonlyMap<string, string>): Challenge | undefined {
  const algorithm = algorithmOf(fields.get('algorithm') ?? 'MD5');
  const [realm, nonce, qop] = [fields.get('realm'), fields.get('nonce'), fields.get('qop')];
  if (algorithm === undefined || realm === undefined || !nonce) return undefined;
  const offersAuth = qop?.split(',').some((each) => each.trim().toLowerCase() === 'auth');
  if (offersAuth === false) return undefined;
  return { algorithm, realm, nonce, opaque: fields.get('opaque'), hasQop: offersAuth === true };
}
