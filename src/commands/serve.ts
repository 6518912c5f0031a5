import { relative, resolve } from 'node:path';
import { startPlatform } from '../app.ts';
import type { Platform } from '../app.ts';
import type { Config } from '../config.ts';
import { createLog } from '../log.ts';
import type { Command, Invocation } from './command.ts';
import { portRefused } from './port-refused.ts';

/** A second Ctrl-C, or this long after the first, ends it at once. */
const DRAIN_MS = 20_000;
/** Another process has our name, and may be at our spools: nothing is left to do here. */
const FENCED = 'fenced';

/** `midcall serve`: runs until SIGINT or SIGTERM, then drains. A signal that comes while it starts is kept until it has. */
export const serve: Command = async (invocation) => {
  const first = stopSignal();
  const second = first.then(stopSignal).then(() => 130);
  return Promise.race([run(invocation, first), second]);
};

async function run(invocation: Invocation, stop: Promise<string>): Promise<number> {
  const { config } = invocation;
  // drachtio-srf asks for a variable with each header of each message, and process.env asks the C library each time.
  process.env = { ...process.env };
  const log = createLog(config.logLevel, config.logNumbers);
  const platform = await startPlatform(config, log).catch((cause: unknown) => {
    throw portRefused(cause, config);
  });
  announce(platform, invocation);
  const signal = await Promise.race([stop, platform.fenced.then(() => FENCED)]);
  if (signal === FENCED) return 1;
  log.info('platform.draining', { signal });
  await platform.close(DRAIN_MS);
  log.info('platform.stopped');
  return 0;
}

const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolve(signal));
  });

function announce({ sip, http }: Platform, { config, json, print }: Invocation): void {
  const dataDir = resolve(config.dataDir);
  const { domain } = config;
  if (json) return print(JSON.stringify({ event: 'ready', sip, http, dataDir, domain }));
  for (const line of welcome(config, { sip, http, dataDir })) print(line);
}

const welcome = (
  config: Config,
  { sip, http, dataDir }: Pick<Platform, 'sip' | 'http'> & { dataDir: string },
): string[] => [
  'midcall is running.',
  '',
  `  SIP      ${sip.address}:${sip.port} (UDP and TCP)`,
  `  media    ${config.mediaHost}:${config.mediaPortMin}–${config.mediaPortMax} (RTP, UDP)`,
  `  box      ${http === undefined ? 'off' : `http://${http.address}:${http.port}/`}`,
  `  data     ${dataDir}`,
  `  domain   ${config.domain}`,
  '',
  `Add people:      node ${relative('', process.argv[1] ?? '')} subscribers add alice --space 1GB`,
  `Point a phone:   user alice, domain ${config.domain}, outbound proxy sip:${sip.address}:${sip.port}`,
  'See it work:     npm run demo',
  'Stop:            Ctrl-C (drains and exits)',
];
