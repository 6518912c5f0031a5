/** What a container has to know of a video before the first frame. */
export interface PictureFormat {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** As RFC 6381 and the WebCodecs registry write it: `vp8`, `vp09.00.10.08`, `avc1.42c01f`. */
  readonly codec: string;
  /** Parameter sets as a container keeps them (AVCDecoderConfigurationRecord), where the codec has them. */
  readonly description?: Uint8Array;
}
