/** Readers of the values in the configuration table. Each returns undefined when the text is not a value. */

export const text = (value: string): string => value;

export const oneOf =
  <T extends string>(...values: readonly T[]) =>
  (value: string): T | undefined =>
    values.find((known) => known === value);

export const whole =
  (min: number, max: number) =>
  (value: string): number | undefined =>
    /^\d{1,12}$/.test(value) && Number(value) >= min && Number(value) <= max
      ? Number(value)
      : undefined;

export const host = (value: string): string | undefined =>
  /^[A-Za-z0-9.:-]{1,253}$/.test(value) ? value : undefined;

export const list = (value: string): readonly string[] | undefined => {
  const entries = value.split(',').map((entry) => entry.trim());
  return entries.every((entry) => /^(\*|[a-z]+\/[A-Za-z0-9.+*-]+)$/.test(entry))
    ? entries
    : undefined;
};

export interface HostPort {
  readonly host: string;
  readonly port: number | undefined;
}

/** `host` or `host:port`. */
export const hostPort = (value: string): HostPort | undefined => {
  const [, name, number] = /^([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?$/.exec(value) ?? [];
  if (name === undefined || Number(number ?? 1) < 1 || Number(number ?? 1) > 65_535)
    return undefined;
  return { host: name, port: number === undefined ? undefined : Number(number) };
};

export const onOrOff = (value: string): boolean | undefined =>
  value === 'on' || value === 'off' ? value === 'on' : undefined;

export type SipServerSetting = 'embedded' | { readonly host: string; readonly port: number };

export const sipServer = (value: string): SipServerSetting | undefined => {
  if (value === 'embedded') return value;
  const [, name, port] = /^([A-Za-z0-9.-]{1,253}):(\d{1,5})$/.exec(value) ?? [];
  return name === undefined ? undefined : { host: name, port: Number(port) };
};

export const port: (value: string) => number | undefined = whole(0, 65_535);
export const portOrOff = (value: string): number | 'off' | undefined =>
  value === 'off' ? value : port(value);
export const minutesOrOff = (value: string): number | 'off' | undefined =>
  value === 'off' ? value : whole(1, 10_080)(value);
export const seconds: (value: string) => number | undefined = whole(1, 86_400);

/** Shorter ones can be tried through. */
export const secretOf =
  (charactersMin: number) =>
  (value: string): string | undefined =>
    value.length >= charactersMin ? value : undefined;
