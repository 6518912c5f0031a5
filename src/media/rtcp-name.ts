import { randomHex, type Random } from '../base/clock.ts';

/** 96 random bits: a CNAME that says nothing of the machine and doesn't link calls (RFC 7022 §4.2). */
const CNAME_RANDOM_BYTES = 12;

export const rtcpName = (random: Random): string => randomHex(random, CNAME_RANDOM_BYTES);
