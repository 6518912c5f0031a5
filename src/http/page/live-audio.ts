import { make } from './elements.ts';
import { durationText } from './texts.ts';
import { WavStream } from './wav-stream.ts';

/** Played behind what comes in, so that an uneven way here is not heard. */
const BEHIND_SECONDS = 0.4;
const SHOW_MS = 200;

/**
 * Plays a recording that is still being made. Browsers' own players want hundreds of kilobytes before they begin, which is half
 * a minute of telephone speech; this one begins with the first.
 */
export class LiveAudio {
  readonly element: HTMLElement;
  readonly #context = new AudioContext();
  readonly #over = new AbortController();
  readonly #button = make(
    'button',
    { type: 'button', class: 'primary', click: () => this.#toggle() },
    'Pause',
  );
  readonly #time = make('span', { class: 'value', role: 'timer', 'aria-label': 'Played' }, '0:00');
  readonly #timer = window.setInterval(() => this.#show(), SHOW_MS);
  /** When the context's clock comes to the first sample, and behind the last one; seconds. */
  #begin: number | undefined;
  #end = 0;

  constructor(url: string, failed: () => void) {
    this.element = make('div', { class: 'live-audio' }, this.#button, this.#time);
    this.#play(url).catch(() => {
      if (!this.#over.signal.aborted) failed();
    });
  }

  close(): void {
    this.#over.abort();
    clearInterval(this.#timer);
    void this.#context.close();
  }

  async #play(url: string): Promise<void> {
    const answer = await fetch(url, { signal: this.#over.signal });
    const reader = answer.body?.getReader();
    if (!answer.ok || reader === undefined) throw new TypeError('nothing to play');
    const wav = new WavStream();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const samples = wav.add(next.value);
      const { format } = wav;
      if (format !== undefined && samples.length > 0) this.#schedule(samples, format);
    }
  }

  /** One piece after the other; one that comes too late begins when it comes. */
  #schedule(samples: Float32Array, { channels, rate }: { channels: number; rate: number }): void {
    const frames = samples.length / channels;
    const buffer = this.#context.createBuffer(channels, frames, rate);
    for (let channel = 0; channel < channels; channel++)
      buffer.getChannelData(channel).set(samples.filter((_, at) => at % channels === channel));
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    const { currentTime } = this.#context;
    const at = this.#end < currentTime ? currentTime + BEHIND_SECONDS : this.#end;
    source.start(at);
    this.#begin ??= at;
    this.#end = at + buffer.duration;
  }

  #toggle(): void {
    const isRunning = this.#context.state === 'running';
    void (isRunning ? this.#context.suspend() : this.#context.resume());
    this.#button.textContent = isRunning ? 'Play' : 'Pause';
  }

  #show(): void {
    const at = Math.min(this.#context.currentTime, this.#end);
    const played = this.#begin === undefined ? 0 : Math.max(0, at - this.#begin);
    this.#time.textContent = durationText(Math.floor(played) * 1_000);
  }
}
