/** How the texts of settings are read. Each gives undefined when the text is no such value. */

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

export const sipServer = (
  value: string,
): 'embedded' | { readonly host: string; readonly port: number } | undefined => {
  if (value === 'embedded') return value;
  const [, name, port] = /^([A-Za-z0-9.-]{1,253}):(\d{1,5})$/.exec(value) ?? [];
  return name === undefined ? undefined : { host: name, port: Number(port) };
};

export const stateStore = (value: string): 'embedded' | URL | undefined => {
  if (value === 'embedded') return value;
  return /^rediss?:/.test(value) && URL.canParse(value) ? new URL(value) : undefined;
};

export const port: (value: string) => number | undefined = whole(0, 65_535);
export const portOrOff = (value: string): number | 'off' | undefined =>
  value === 'off' ? value : port(value);
export const seconds: (value: string) => number | undefined = whole(1, 86_400);
