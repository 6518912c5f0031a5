import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { FAMILIES, type Family, type MetricFacts } from './metric-families.ts';
import { SPANS, type Span } from './platform-meter.ts';

/** Seconds: a threshold is a second or two, an offer waits for a person, an object store may be away for hours. */
const SPAN_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 600, 3_600];
/** Seconds: a turn of a media worker takes well below a millisecond, and packets are late from some ten on. */
const LAG_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1];

/** What Prometheus reads: the families, three histograms of ours, and those of the process and Node (event loop lag among them). */
export class Metrics {
  readonly #registry = new Registry();
  readonly #writers: readonly ((facts: MetricFacts) => void)[];
  readonly #spans: Readonly<Record<Span, Histogram>>;
  readonly #workerLag: Histogram;

  constructor() {
    const registers = [this.#registry];
    this.#writers = FAMILIES.map((family) => writerOf(family, this.#registry));
    const histogram = (name: string, help: string, buckets: number[]): Histogram =>
      new Histogram({ name, help, buckets, registers });
    const span = (of: Span): Histogram =>
      histogram(`midcall_${of}_seconds`, SPANS[of], SPAN_BUCKETS);
    this.#spans = {
      threshold: span('threshold'),
      offer: span('offer'),
      settling: span('settling'),
    };
    this.#workerLag = histogram(
      'midcall_media_answer_seconds',
      'How long the media workers take to answer, asked once a second',
      LAG_BUCKETS,
    );
    collectDefaultMetrics({ register: this.#registry });
  }

  readonly contentType: string = Registry.PROMETHEUS_CONTENT_TYPE;

  span(of: Span, seconds: number): void {
    this.#spans[of].observe(seconds);
  }

  workerLag(seconds: number): void {
    this.#workerLag.observe(seconds);
  }

  /** In Prometheus' text format. */
  text(facts: MetricFacts): Promise<string> {
    for (const write of this.#writers) write(facts);
    return this.#registry.metrics();
  }
}

/** What counts is elsewhere: a metric is written anew each time it is read. */
function writerOf(family: Family, register: Registry): (facts: MetricFacts) => void {
  const { name, help, labels, type, rows } = family;
  const options = { name, help, labelNames: labels, registers: [register] };
  const metric = type === 'gauge' ? new Gauge(options) : new Counter(options);
  return (facts) => {
    metric.reset();
    for (const [value, ...texts] of rows(facts))
      metric.inc(
        Object.fromEntries(labels.map((label, index) => [label, texts[index] ?? ''])),
        value,
      );
  };
}
