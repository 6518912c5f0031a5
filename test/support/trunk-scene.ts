import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlatformProcess } from '../../sip-scripts/platform-process.ts';
import { builtDist } from './built-dist.ts';
import { SipClient } from './sip-client.ts';
import { SubscriberPhone, TEXT_PHONE_DOMAIN } from './subscriber-phone.ts';

export const TRUNK_PIN = '1234';
/** Addresses of the loopback that nobody else in a test has. */
export const CARRIER = '127.0.0.2';
export const SECOND = '127.0.0.3';
export const STRANGER = '127.0.0.9';

export const sdpAt = (host: string, port = 40_000): string =>
  `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;

export const hopOf = ({ local }: SipClient): string => `sip:${local.address}:${local.port}`;

export interface TrunkScene {
  readonly platform: PlatformProcess;
  readonly server: { readonly address: string; readonly port: number };
  readonly carrier: SipClient;
  readonly second: SipClient;
  /** A phone of a subscriber, registered. */
  readonly phone: (number: string) => Promise<SubscriberPhone>;
  /** A client that is closed at the end. */
  readonly client: (host: string, user?: string) => Promise<SipClient>;
}

/** Runs a test with a platform that has trunks, and two clients of text that are their peers. */
export async function withTrunks(
  trunks: (peers: { readonly carrier: SipClient; readonly second: SipClient }) => object,
  test: (scene: TrunkScene) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'midcall-trunks-'));
  const open: SipClient[] = [];
  let platform: PlatformProcess | undefined;
  // Its address is known only when it runs, and it starts with the trunks' addresses: a peer learns the server late.
  const server = { address: '', port: 0 };
  const client = async (host: string, user = 'peer'): Promise<SipClient> => {
    const opened = await SipClient.udp(user, server, host);
    open.push(opened);
    return opened;
  };
  try {
    const [carrier, second] = [await client(CARRIER, 'carrier'), await client(SECOND, 'second')];
    for (const peer of [carrier, second]) answerOptions(peer);
    const file = join(folder, 'trunks.json');
    await writeFile(file, JSON.stringify(trunks({ carrier, second })));
    const settings = { MIDCALL_DOMAIN: TEXT_PHONE_DOMAIN, MIDCALL_TRUNKS: file, ...env };
    const started = await PlatformProcess.start({ dist: builtDist(), env: settings });
    platform = started;
    Object.assign(server, { address: started.sip.host, port: started.sip.port });
    const phone = async (number: string): Promise<SubscriberPhone> => {
      const secrets = ['--password', `${number}-sip`, '--storage-password', TRUNK_PIN];
      await started.cli(['subscribers', 'add', number, ...secrets]);
      const opened = await SubscriberPhone.open(number, `${number}-sip`, server);
      open.push(opened.sip);
      await opened.register();
      return opened;
    };
    await test({ platform: started, server, carrier, second, phone, client });
  } finally {
    await Promise.allSettled(open.map((each) => each.close()));
    await platform?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Peers are alive unless a test says otherwise. */
function answerOptions(peer: SipClient): void {
  peer.serve((message) => {
    if (message.method !== 'OPTIONS') return false;
    peer.answer(message, '200 OK');
    return true;
  });
}
