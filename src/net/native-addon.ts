import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { CopyBytes } from '../base/copy-bytes.ts';
import type { WritePieces } from '../spool/group-write.ts';

/** The addon's only class (native/addon.cc). Results are 0 or a count, or a negative errno; nothing throws. */
export interface NativeBinding {
  /** Once, first. */
  start(backend: NativeBackend): number;
  /** @param number chosen by the caller, below the limit, free. */
  open(number: number, address: string, port: number): number;
  /** @param words of the address, with its port; both left out: open to all again. */
  connect(number: number, words?: Uint32Array, port?: number): number;
  close(number: number): void;
  /** Blocks. @returns how many datagrams there are, described in the shared arrays. */
  wait(timeoutMs: number): number;
  /** Sends the first `count` of the queue. */
  flush(count: number): void;
  /** Closes all sockets; their ports are free when it returns. */
  stop(): void;
}

export type NativeBackend = 'epoll' | 'io_uring';

/** Typed arrays that both sides use: see native/datagrams.h for what lies where. */
export interface SharedMemory {
  readonly received: object;
  readonly outgoing: object;
  readonly counters: Float64Array;
  readonly turn: Float64Array;
  readonly errors: Int32Array;
}

export interface NativeLimits {
  readonly sockets: number;
  /** Bytes of the slab for each datagram. */
  readonly stride: number;
  /** What the clock says when the machine's monotonic clock is zero. */
  readonly originMs: number;
  readonly bufferBytes: number;
  /** Type of service of what is sent. */
  readonly tos: number;
  /** Least time between two turns under load. */
  readonly gapMicros: number;
}

export interface NativeAddon {
  readonly Sockets: new (memory: SharedMemory, limits: NativeLimits) => NativeBinding;
  /** memmove; see base/copy-bytes.ts. */
  readonly copyBytes: CopyBytes;
  /** See spool/record.ts. */
  readonly sealRecord: CopyBytes;
  /** pwrite(2) of many pieces by one job, and syncfs(2) or fdatasync(2) of those that are to be durable. */
  readonly writePieces: WritePieces;
}

/** The addon, or in a few words why it is not there. */
export type Loaded =
  | { readonly ok: true; readonly addon: NativeAddon }
  | { readonly ok: false; readonly reason: string };

const FILE = 'build/midcall_udp.node';
/** The project's folder from here, as source and as built. */
const ROOTS = ['../..', '../../..'];

/** Loads what `npm ci` built. Never throws: without it, media goes over node:dgram. */
export function loadAddon(
  folders: readonly string[] = ROOTS.map((root) => join(import.meta.dirname, root)),
): Loaded {
  const path = folders.map((folder) => join(folder, FILE)).find((file) => existsSync(file));
  if (path === undefined) return { ok: false, reason: 'it was not built' };
  try {
    const addon: unknown = createRequire(import.meta.url)(path);
    return isAddon(addon) ? { ok: true, addon } : { ok: false, reason: 'it is another addon' };
  } catch (cause) {
    return { ok: false, reason: String(cause) };
  }
}

/** An older one may lie in the folder. */
const EXPORTS = ['Sockets', 'copyBytes', 'sealRecord', 'writePieces'];

const isAddon = (value: unknown): value is NativeAddon =>
  typeof value === 'object' && value !== null && EXPORTS.every((name) => name in value);
