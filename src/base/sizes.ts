/** Decimal units, as disks and operators count. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
};

/** Reads `500`, `64kB`, `10 MB`, `1.5GB`. @returns bytes, or undefined when it is no size. */
export function parseBytes(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  const value = Math.round(Number(amount) * (factor ?? Number.NaN));
  return amount !== '' && Number.isSafeInteger(value) ? value : undefined;
}

/** For people: three digits and a unit. */
export function formatBytes(bytes: number): string {
  const [unit, factor] = (['TB', 'GB', 'MB', 'kB'] as const)
    .map((name) => [name, UNITS[name.toLowerCase()] ?? 1] as const)
    .find(([, size]) => bytes >= size) ?? ['B', 1];
  const value = bytes / factor;
  return `${value >= 100 || unit === 'B' ? Math.round(value) : value.toFixed(1)} ${unit}`;
}
