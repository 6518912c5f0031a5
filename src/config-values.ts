/** How the text of a setting becomes its value; undefined when it is none. */

export const text = (value: string): string => value;

/** One of these words. */
export const oneOf =
  <T extends string>(...values: readonly T[]) =>
  (value: string): T | undefined =>
    values.find((known) => known === value);

/** A whole number, both ends included. */
export const whole =
  (min: number, max: number) =>
  (value: string): number | undefined =>
    /^\d{1,12}$/.test(value) && Number(value) >= min && Number(value) <= max
      ? Number(value)
      : undefined;

/** A host name or address. */
export const host = (value: string): string | undefined =>
  /^[A-Za-z0-9.:-]{1,253}$/.test(value) ? value : undefined;

/** A port to listen on; 0 stands for a free one. */
export const port: (value: string) => number | undefined = whole(0, 65_535);
export const portOrOff = (value: string): number | 'off' | undefined =>
  value === 'off' ? value : port(value);
export const seconds: (value: string) => number | undefined = whole(1, 86_400);
