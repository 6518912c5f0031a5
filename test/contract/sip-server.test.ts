import { describe } from '@jest/globals';
import type { Address } from '../../src/base/address.ts';
import { SILENT } from '../../src/base/log.ts';
import { instant } from '../../src/base/units.ts';
import { startSipServer } from '../../src/net/sip-server.ts';
import { systemClock, systemRandom } from '../../src/net/system-clock.ts';
import { WireListener } from '../../src/net/wire-listener.ts';
import { probeSipServer } from './sip-server.ts';
import type { ProbedServer } from './sip-server/probe.ts';

/** Also of drachtio's own examples. */
const SECRET = 'cymru';

async function embedded(): Promise<ProbedServer> {
  let aheadMs = 0;
  const wire = new WireListener({ address: '127.0.0.1', port: 0 });
  const server = await startSipServer({
    host: '127.0.0.1',
    port: 0,
    wire,
    secret: SECRET,
    // Timers look at it with each event: a probe that lets time pass says something next.
    clock: { ...systemClock, now: () => instant(systemClock.now() + aheadMs) },
    random: systemRandom,
    log: SILENT,
  });
  return {
    kind: 'embedded',
    sip: server.address,
    admin: wire.address,
    secret: SECRET,
    pass: (ms) => {
      aheadMs += ms;
    },
    close: () => server.close(),
  };
}

function addressOf(text: string): Address & { readonly secret: string } {
  const [address = '', port = '', secret = SECRET] = text.split(':');
  return { address, port: Number(port), secret };
}

async function drachtio(sip: string, admin: string): Promise<ProbedServer> {
  const { secret, ...control } = addressOf(admin);
  return {
    kind: 'drachtio',
    sip: addressOf(sip),
    admin: control,
    secret,
    pass: undefined,
    close: async () => {},
  };
}

describe('the embedded server', () => probeSipServer(embedded));

/** A drachtio-server that runs: `DRACHTIO_SIP=host:port DRACHTIO_ADMIN=host:port[:secret]`. */
const { DRACHTIO_SIP: sip, DRACHTIO_ADMIN: admin } = process.env;
if (sip !== undefined && admin !== undefined)
  describe('drachtio-server', () => probeSipServer(() => drachtio(sip, admin)));
