/** How the samples of a WAV lie. */
export interface WavFormat {
  /** Format tag: 1 linear, 6 A-law, 7 µ-law. */
  readonly tag: number;
  readonly channels: number;
  /** Hz. */
  readonly rate: number;
  /** Of one sample of all channels. */
  readonly frameBytes: number;
}

/** RIFF header, `fmt `, `fact` and the head of `data` together: more is no WAV of the platform's. */
const HEAD_BYTES_MAX = 128;

/** Reads a WAV piece by piece as it comes in: format first, then samples from -1 to 1, channels interleaved. */
export class WavStream {
  #rest = new Uint8Array(0);
  #format: WavFormat | undefined;

  get format(): WavFormat | undefined {
    return this.#format;
  }

  /** @returns the samples that are whole by now. @throws when it is no WAV that we can play. */
  add(bytes: Uint8Array): Float32Array<ArrayBuffer> {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const begin = this.#format === undefined ? this.#readHead(all) : 0;
    if (this.#format === undefined) {
      this.#rest = all;
      return new Float32Array(0);
    }
    const { frameBytes } = this.#format;
    const whole = begin + Math.floor((all.length - begin) / frameBytes) * frameBytes;
    this.#rest = all.slice(whole);
    return samplesOf(all.subarray(begin, whole), this.#format.tag);
  }

  /** @returns where the samples begin; 0 when the head is not there yet. */
  #readHead(all: Uint8Array<ArrayBuffer>): number {
    const view = new DataView(all.buffer);
    const name = (at: number): string => String.fromCharCode(...all.subarray(at, at + 4));
    for (let at = 12; at + 8 <= all.length; at += 8 + view.getUint32(at + 4, true)) {
      if (name(at) === 'fmt ' && at + 24 <= all.length)
        this.#format = {
          tag: view.getUint16(at + 8, true),
          channels: view.getUint16(at + 10, true),
          rate: view.getUint32(at + 12, true),
          frameBytes: view.getUint16(at + 20, true),
        };
      if (name(at) === 'data') return at + 8;
    }
    this.#format = undefined;
    if (all.length > HEAD_BYTES_MAX) throw new TypeError('no WAV');
    return 0;
  }
}

function samplesOf(bytes: Uint8Array<ArrayBuffer>, tag: number): Float32Array<ArrayBuffer> {
  if (tag === 7) return Float32Array.from(bytes, fromMulaw);
  if (tag === 6) return Float32Array.from(bytes, fromAlaw);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from(
    { length: bytes.length >> 1 },
    (_, at) => view.getInt16(at * 2, true) / 32_768,
  );
}

/** ITU-T G.711, µ-law: inverted; sign, exponent, mantissa. */
function fromMulaw(byte: number): number {
  const value = ~byte & 0xff;
  const size = ((((value & 0x0f) << 3) + 0x84) << ((value & 0x70) >> 4)) - 0x84;
  return ((value & 0x80) === 0 ? size : -size) / 32_768;
}

/** ITU-T G.711, A-law: even bits inverted. */
function fromAlaw(byte: number): number {
  const value = byte ^ 0x55;
  const exponent = (value & 0x70) >> 4;
  const mantissa = ((value & 0x0f) << 4) + 8;
  const size = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return ((value & 0x80) === 0 ? -size : size) / 32_768;
}
