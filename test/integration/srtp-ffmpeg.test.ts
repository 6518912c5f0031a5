import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { SILENT } from '../../src/base/log.ts';
import { ThreadPlane } from '../../src/media/thread-plane.ts';
import type { SuiteName } from '../../src/rtp/srtp/suites.ts';
import type { MediaEvent } from '../../src/transfers/media-plane.ts';
import { builtDist, shippedMedia } from '../support/built-dist.ts';
import { speechDelivery, speechTerms } from '../support/media-rig.ts';
import { srtpKey } from '../support/srtp.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { freePortRange } from '../support/udp-peer.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const HOST = '127.0.0.1';
const FFMPEG_MS = 20_000;
/** A second of µ-law. */
const SPEECH_BYTES = 8_000;
/** What ffmpeg has certainly written by then of a second that it receives. */
const HEARD_BYTES = 4_000;

const base64 = (suite: SuiteName, seed: number): string =>
  Buffer.from(srtpKey(suite, seed).keySalt).toString('base64');

const remoteAt = (port: number) => ({
  rtp: { address: HOST, port },
  rtcp: { address: HOST, port: port + 1 },
});

/** Sends a second of speech from this port, encrypted by ffmpeg, and says RTCP BYE. */
function ffmpegSends(file: string, suite: SuiteName, ports: { from: number; to: number }) {
  const input = ['-re', '-f', 'mulaw', '-ar', '8000', '-t', '1', '-i', file];
  const secured = ['-srtp_out_suite', suite, '-srtp_out_params', base64(suite, 1)];
  const local = `localrtpport=${ports.from}&localrtcpport=${ports.from + 1}&pkt_size=172`;
  const url = `srtp://${HOST}:${ports.to}?${local}`;
  const output = ['-c', 'copy', '-payload_type', '0', '-f', 'rtp', ...secured, url];
  return run('ffmpeg', ['-v', 'error', ...input, ...output], { timeout: FFMPEG_MS });
}

/** Decrypts what comes to the port of this SDP, for half a second. */
async function ffmpegReceives(sdp: string, folder: string): Promise<Buffer> {
  const [path, heard] = [join(folder, 'in.sdp'), join(folder, 'heard.ulaw')];
  await writeFile(path, sdp);
  const input = ['-protocol_whitelist', 'file,udp,rtp,srtp', '-i', path];
  const output = ['-t', '0.6', '-c', 'copy', '-f', 'mulaw', heard];
  await run('ffmpeg', ['-v', 'error', ...input, ...output], { timeout: FFMPEG_MS });
  return readFile(heard);
}

/** Somebody is bound to this UDP port. */
async function isBound(port: number): Promise<boolean> {
  const table = await readFile('/proc/net/udp', 'utf8');
  return table.includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} `);
}

/** With the short tag ffmpeg signs its RTCP with 32 bits too, against RFC 4568 §6.2: then only its RTP is authentic. */
test.each<[SuiteName, object]>([
  ['AES_CM_128_HMAC_SHA1_80', { unauthentic: 0 }],
  ['AES_CM_128_HMAC_SHA1_32', {}],
])(
  '%s: what ffmpeg encrypts is stored, and ffmpeg decrypts what is delivered',
  async (suite, refused) => {
    await withTempFolder(async (spoolFolder) => {
      const entry = pathToFileURL(join(builtDist(), 'src/media-thread.js'));
      const { portMin, portMax } = await freePortRange(6);
      // The last two pairs are ffmpeg's.
      const [sender, receiver] = [portMax - 3, portMax - 1];
      const address = { address: HOST, advertise: HOST };
      const options = { ...address, portMin, portMax: portMax - 4, spoolFolder };
      const plane = await ThreadPlane.start(entry, options, SILENT);
      const ended = new Promise<MediaEvent>((resolve) =>
        plane.listen((event) => {
          if (event.type === 'ingest-ended') resolve(event);
        }),
      );
      try {
        const speech = await readFile(shippedMedia('voice-carol.ulaw'));
        const file = join(spoolFolder, 'speech.ulaw');
        await writeFile(file, speech.subarray(0, SPEECH_BYTES));
        const keys = { incoming: srtpKey(suite, 1), outgoing: srtpKey(suite, 2) };
        const { rtp } = await plane.openIngest('t');
        await plane.confirmIngest('t', speechTerms({ srtp: keys, remote: remoteAt(sender) }));
        await ffmpegSends(file, suite, { from: sender, to: rtp });
        await plane.endIngest('t', 'end-of-data');
        expect(await ended).toMatchObject({
          stored: SPEECH_BYTES,
          reception: { ...refused, replayed: 0, malformed: 0, lost: 0 },
        });

        const sdp =
          `v=0\no=- 1 1 IN IP4 ${HOST}\ns=-\nc=IN IP4 ${HOST}\nt=0 0\n` +
          `m=audio ${receiver} RTP/SAVP 0\na=crypto:1 ${suite} inline:${base64(suite, 2)}\n`;
        const heard = ffmpegReceives(sdp, spoolFolder);
        await until(() => isBound(receiver));
        await plane.openDelivery('d');
        const terms = { srtp: keys, payloadType: 0, remote: remoteAt(receiver) };
        await plane.startDelivery('d', speechDelivery(terms));
        const bytes = await heard;
        expect(bytes.length).toBeGreaterThanOrEqual(HEARD_BYTES);
        expect(speech.subarray(0, SPEECH_BYTES).includes(bytes)).toBe(true);
      } finally {
        await plane.close();
      }
    });
  },
  60_000,
);
