/** How numbers are written in a country, to know what a number without `+` means (ITU-T E.164). */
export interface NumberPlan {
  /** Digits, such as `49`; empty when numbers are to be left as they are. */
  readonly countryCode: string;
  /** What is dialled before a number in the country: `0` in most, `1` in North America, empty where there is none. */
  readonly nationalPrefix: string;
  /** What is dialled before a country code: `00` in most, `011` in North America. */
  readonly internationalPrefix: string;
}

/** E.164 §6.2.1: a number has at most 15 digits, so that more are no number. */
const DIGITS_MAX = 15;
/** Extensions, emergency and service numbers have no world-wide form. The shortest subscriber numbers have one more. */
export const SHORT_DIGITS_MAX = 6;

const isE164 = (digits: string): boolean =>
  /^[1-9]\d*$/.test(digits) && digits.length <= DIGITS_MAX;

/**
 * The number with `+`, as everything here knows it; what has no such form (a name, an extension, a number of the same
 * town) comes back as it is.
 */
export function toE164(number: string, plan: NumberPlan): string {
  if (plan.countryCode === '' || !/^\d+$/.test(number) || number.length <= SHORT_DIGITS_MAX)
    return number;
  const digits = internationalDigits(number, plan);
  return digits !== undefined && isE164(digits) ? `+${digits}` : number;
}

function internationalDigits(number: string, plan: NumberPlan): string | undefined {
  const { countryCode, nationalPrefix, internationalPrefix } = plan;
  if (internationalPrefix !== '' && number.startsWith(internationalPrefix))
    return number.slice(internationalPrefix.length);
  if (!number.startsWith(nationalPrefix)) return undefined;
  return countryCode + number.slice(nationalPrefix.length);
}
