/** What the HTTP server did since start, limits that were hit among it. For the operator and for metrics. */
export class HttpCounts {
  requests = 0;
  /** Answers by problem code. There are as many codes as there are in the tables. */
  readonly problems: Map<string, number> = new Map();
  /** Connections refused since there were too many. */
  connectionsDropped = 0;
  /** Streams of events that were ended since their reader did not keep up. */
  slowReaders = 0;

  problem(code: string): void {
    this.problems.set(code, (this.problems.get(code) ?? 0) + 1);
  }
}
