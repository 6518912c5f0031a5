const NUMBER_CHARACTERS_MAX = 128;
/** Visual separators of RFC 3966 §5.1.1. */
const SEPARATORS = /[-.()]/g;
/** The user part of a SIP URI without escapes: enough for numbers and names. */
const USER = /^[A-Za-z0-9_.!~*'()&=+$,;?/-]+$/;

/**
 * The number or user name that a SIP URI, a tel URI (RFC 3966) or a bare number names. Numbers are how parties of a call
 * and subscribers are told apart.
 * @returns undefined when the text names nobody.
 */
export function numberOf(text: string): string | undefined {
  if (text.length > NUMBER_CHARACTERS_MAX) return undefined;
  const user = userOf(text.trim());
  if (user === '' || !USER.test(user)) return undefined;
  return /^\+?[\d.()-]+$/.test(user) ? user.replace(SEPARATORS, '') || undefined : user;
}

function userOf(text: string): string {
  const tel = /^tel:([^;]*)/i.exec(text);
  if (tel) return tel[1] ?? '';
  const sip = /^sips?:([^@;:]*)(?::[^@]*)?@/i.exec(text);
  if (sip) return sip[1] ?? '';
  return /^sips?:/i.test(text) ? '' : (text.split('@', 1)[0] ?? '');
}
