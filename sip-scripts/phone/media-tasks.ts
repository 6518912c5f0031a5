import { readFileSync } from 'node:fs';
import type { Address } from '../../src/base/address.ts';
import { AudioReceiver } from '../streams/audio-receiver.ts';
import { now } from '../streams/clock.ts';
import { FileReceiver } from '../streams/file-receiver.ts';
import type { ByteRange } from '../streams/file-progress.ts';
import { FileSender } from '../streams/file-sender.ts';
import { fileSha256, FileSource } from '../streams/file-source.ts';
import { SendingTimer } from '../streams/sending-timer.ts';
import { PACKET_MS, PACKET_SAMPLES, SpeechSender } from '../streams/speech-sender.ts';
import type { Fields } from './lines.ts';
import type { MediaHandle, MediaTask } from './media-handle.ts';

/** Progress is told this often at most: oftener is of no use to a progress bar. */
const PROGRESS_INTERVAL_MS = 100;

/** Tells the driver what happened. */
export type Emit = (event: string, fields: Fields) => void;

/** Where and what to send. */
export interface SendOrder {
  readonly to: Address;
  readonly path: string;
  /** bit/s, for files. */
  readonly rate: number;
  readonly repeatEnd: boolean;
  readonly stopAt?: number;
  /** What the other side has already. */
  readonly have?: readonly ByteRange[];
  /** Seconds of an audio file to send; default all. */
  readonly seconds?: number;
}

/** Sends a file through a handle: `file-progress` on the way, `file-sent` when the last new packet has gone. */
export function startSendingFile(handle: MediaHandle, order: SendOrder, emit: Emit): void {
  const source = new FileSource(order.path);
  const progress = throttled((sent: number) =>
    emit('file-progress', { handle: handle.id, sent, size: source.size }),
  );
  const sender = new FileSender(
    {
      ...order,
      sockets: handle.sockets,
      stream: handle.outgoing,
      source,
      progress,
      sentAll: () => emit('file-sent', { handle: handle.id, size: source.size }),
      gaveUp: () => emit('file-stalled', { handle: handle.id, size: source.size }),
    },
    now(),
  );
  const timer = new SendingTimer(sender);
  handle.assign({
    rtcp: (packets, reports) => {
      sender.heard(packets, reports, now());
      timer.run();
    },
    facts: () => ({
      resent: sender.resent,
      resendsDropped: sender.resendsDropped,
      rate: Math.round(sender.rate),
    }),
    stop: () => {
      timer.stop();
      sender.stop();
    },
  });
  emit('sending', { handle: handle.id });
  timer.run();
}

/** Sends raw G.711 at its own pace: `sending`, then `audio-sent`. */
export function startSendingAudio(handle: MediaHandle, order: SendOrder, emit: Emit): void {
  const all = readFileSync(order.path);
  const packets = order.seconds === undefined ? Infinity : (order.seconds * 1_000) / PACKET_MS;
  const sender = new SpeechSender({
    sockets: handle.sockets,
    stream: handle.outgoing,
    samples: all.subarray(0, packets * PACKET_SAMPLES),
    loop: false,
    ended: () => emit('audio-sent', { handle: handle.id, ...handle.outgoing.counts() }),
  });
  handle.assign({ facts: () => ({ sending: sender.sending }), stop: () => sender.stop() });
  emit('sending', { handle: handle.id });
  sender.start(order.to);
}

/**
 * Puts a file together, and asks for what is missing: `receiving` at its first byte, `file-progress`; when it is whole, RTCP BYE and
 * `file-received`.
 */
export function startReceivingFile(handle: MediaHandle, path: string, emit: Emit): void {
  const receiver = new FileReceiver(path, (sequences) => handle.askAgain(sequences));
  const timer = new SendingTimer(receiver);
  const facts = (): Fields => ({ dataBytes: receiver.received, size: receiver.size });
  const progress = throttled(() =>
    emit('file-progress', {
      handle: handle.id,
      received: receiver.received,
      size: receiver.size,
    }),
  );
  const stop = (): void => {
    timer.stop();
    receiver.close();
  };
  let finished = false;
  const finish = async (): Promise<void> => {
    finished = true;
    stop();
    handle.sayGoodbye();
    const sha256 = await fileSha256(path);
    emit('file-received', { handle: handle.id, bytes: receiver.received, sha256 });
  };
  handle.assign({
    rtp: (sequence, payload) => {
      if (finished) return;
      if (receiver.received === 0) emit('receiving', { handle: handle.id });
      receiver.take(sequence, payload, now());
      progress();
      if (!receiver.complete) return timer.run();
      finish().catch((error: unknown) =>
        emit('failed', { handle: handle.id, text: String(error) }),
      );
    },
    facts,
    stop,
  });
}

/** Collects a stream: `receiving` at its first packet, `audio-progress`, `audio-received` at its RTCP BYE or the close. */
export function startReceivingAudio(handle: MediaHandle, path: string, emit: Emit): void {
  const receiver = new AudioReceiver(path);
  const progress = throttled(() =>
    emit('audio-progress', { handle: handle.id, received: receiver.received }),
  );
  let finished = false;
  const finish = (): void => {
    if (finished) return;
    finished = true;
    const sha256 = receiver.close();
    emit('audio-received', {
      handle: handle.id,
      bytes: receiver.received,
      dropped: receiver.dropped,
      sha256,
    });
  };
  const task: MediaTask = {
    rtp: (sequence, payload) => {
      if (receiver.received === 0) emit('receiving', { handle: handle.id });
      receiver.take(sequence, payload);
      progress();
    },
    bye: finish,
    facts: () => ({ dataBytes: receiver.received }),
    stop: finish,
  };
  handle.assign(task);
}

function throttled<Arguments extends readonly unknown[]>(
  action: (...args: Arguments) => void,
): (...args: Arguments) => void {
  let calledAt = -Infinity;
  return (...args) => {
    if (now() - calledAt < PROGRESS_INTERVAL_MS) return;
    calledAt = now();
    action(...args);
  };
}
