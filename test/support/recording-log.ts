import type { Log } from '../../src/base/log.ts';

export interface LoggedEvent {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Keeps what was logged. */
export class RecordingLog implements Log {
  readonly events: LoggedEvent[] = [];

  info(event: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.events.push({ level: 'info', event, facts });
  }

  warn(event: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.events.push({ level: 'warn', event, facts });
  }

  error(event: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.events.push({ level: 'error', event, facts });
  }

  named(event: string): readonly LoggedEvent[] {
    return this.events.filter((entry) => entry.event === event);
  }

  get errors(): readonly LoggedEvent[] {
    return this.events.filter(({ level }) => level === 'error');
  }
}
