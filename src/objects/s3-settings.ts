/** Where objects are when they are not in files: a bucket of any server that speaks S3. */
export interface S3Settings {
  readonly host: string;
  readonly port: number;
  /** TLS. Without it, the client signs the content as well, which costs a SHA-256. */
  readonly secure: boolean;
  /** Always said: the client would ask the server before each call otherwise. */
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** A request over whose connection nothing moved for this long has failed. */
  readonly idleMs?: number;
}

/** Long enough for a server that puts thousands of parts together before it answers. */
export const S3_IDLE_MS = 60_000;
