/** Totals since start, for metrics. */
export interface S3Counts {
  /** Parts that went over the network, and their bytes together with those of whole objects. */
  partsSent: number;
  bytesSent: number;
  /** Parts that the server had already. */
  partsKept: number;
  /** Verbs of the store that failed; who called tries again. */
  failures: number;
}

export const noS3Counts = (): S3Counts => ({
  partsSent: 0,
  bytesSent: 0,
  partsKept: 0,
  failures: 0,
});
