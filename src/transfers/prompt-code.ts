import type { Random } from '../base/clock.ts';

/** Crockford base32: no I, L, O, U, so that nobody mistypes a code that was read out. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_CHARACTERS = 8;
/** 32 divides 256: taking a byte modulo 32 favours no character. */
const ALPHABET_MASK = 31;

/** Eight characters, 40 random bits: enough for 120 s with five tries a party. */
export function newPromptCode(random: Random): string {
  let code = '';
  for (const byte of random.bytes(CODE_CHARACTERS)) code += ALPHABET.charAt(byte & ALPHABET_MASK);
  return code;
}

/** What people type for what was meant: case, O for 0, I and L for 1, dashes and spaces. */
export const normalCode = (typed: string): string =>
  typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
