const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes for people: three digits and a unit, decimal as disks count. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1_000 ** power;
  const digits = power === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[power] ?? 'B'}`;
}

/** Minutes and seconds. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Today by its time, otherwise by its day. @param at ISO 8601. */
export function whenText(at: string, now: Date = new Date()): string {
  const then = new Date(at);
  const time = then.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  if (then.toDateString() === now.toDateString()) return `today, ${time}`;
  const day = then.toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
  return `${day}, ${time}`;
}

/** How a state is told, and how it looks. */
export interface StateText {
  readonly text: string;
  readonly look: 'good' | 'live' | 'warn' | 'bad' | 'plain';
}

/** Every state that the API has. */
const STATES: Readonly<Record<string, StateText>> = {
  prompted: { text: 'waiting for the sender', look: 'plain' },
  confirmed: { text: 'about to come in', look: 'live' },
  storing: { text: 'coming in', look: 'live' },
  offered: { text: 'coming in', look: 'live' },
  delivering: { text: 'coming in', look: 'live' },
  cancelling: { text: 'being cancelled', look: 'warn' },
  settling: { text: 'being put away', look: 'live' },
  complete: { text: 'complete', look: 'good' },
  partial: { text: 'incomplete', look: 'warn' },
  failed: { text: 'failed', look: 'bad' },
  cancelled: { text: 'cancelled', look: 'plain' },
  expired: { text: 'never sent', look: 'plain' },
};

export const stateText = (state: string): StateText =>
  STATES[state] ?? { text: state, look: 'plain' };
