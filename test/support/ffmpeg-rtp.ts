import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Times as fast as it plays: quick, and slow enough for a socket. */
const RATE = '4';
/** So that a busy machine loses nothing. */
const RECEIVE_BUFFER_BYTES = 4_194_304;
const LAST = 'that was all';

/**
 * What ffmpeg's RTP muxer makes of a generated video: every packet, in order.
 * @param source of lavfi, such as `testsrc2=size=176x144:rate=25:duration=10`.
 */
export async function ffmpegRtp(
  source: string,
  encoding: readonly string[],
): Promise<readonly Uint8Array[]> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
  try {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const packets: Uint8Array[] = [];
    const last = new Promise<void>((resolve) => {
      socket.on('message', (packet) => {
        if (packet.toString('latin1') === LAST) resolve();
        else packets.push(packet);
      });
    });
    await send(socket.address().port, source, encoding);
    // Loopback keeps the order: when this is here, so is all that was sent before.
    socket.send(LAST, socket.address().port, '127.0.0.1');
    await last;
    return packets;
  } finally {
    await closed(socket);
  }
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.close(() => resolve());
  });

async function send(port: number, source: string, encoding: readonly string[]): Promise<void> {
  const rtcpPort = await freeUdpPort();
  const url = `rtp://127.0.0.1:${port}?rtcpport=${rtcpPort}&pkt_size=1200`;
  const input = ['-readrate', RATE, '-f', 'lavfi', '-i', source];
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', ...input, ...encoding, '-f', 'rtp', url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  ffmpeg.stderr.on('data', (text: Buffer) => (complaints += text.toString()));
  const [code] = await once(ffmpeg, 'close');
  if (code !== 0) throw new Error(`ffmpeg: ${complaints}`);
}

/** Reports go where nobody listens. */
async function freeUdpPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
