import { SILENT } from '../../src/base/log.ts';
import { instant } from '../../src/base/units.ts';
import { startSipServer } from '../../src/net/sip-server.ts';
import { systemClock, systemRandom } from '../../src/net/system-clock.ts';
import { probeSipServer } from './sip-server.ts';

const SECRET = 'cymru';

probeSipServer(async () => {
  let aheadMs = 0;
  const server = await startSipServer({
    host: '127.0.0.1',
    port: 0,
    wireHost: '127.0.0.1',
    wirePort: 0,
    secret: SECRET,
    // Timers look at it with each event: a probe that lets time pass says something next.
    clock: { ...systemClock, now: () => instant(systemClock.now() + aheadMs) },
    random: systemRandom,
    log: SILENT,
  });
  return {
    kind: 'embedded',
    sip: server.address,
    admin: server.wireAddress,
    secret: SECRET,
    pass: (ms) => {
      aheadMs += ms;
    },
    close: () => server.close(),
  };
});
