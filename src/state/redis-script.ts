/** What Redis runs as one. */
export interface Script {
  readonly numberOfKeys: number;
  readonly lua: string;
}
