import { describe, test } from '@jest/globals';
import type { Address } from '../../src/base/address.ts';
import { probeSipServer } from './sip-server.ts';

/** A drachtio-server that runs: `DRACHTIO_SIP=host:port DRACHTIO_ADMIN=host:port[:secret]`. */
const sip = process.env['DRACHTIO_SIP'];
const admin = process.env['DRACHTIO_ADMIN'];
/** Of drachtio's own examples. */
const DEFAULT_SECRET = 'cymru';

function addressOf(text: string): Address & { readonly secret: string } {
  const [address = '', port = '', secret = DEFAULT_SECRET] = text.split(':');
  return { address, port: Number(port), secret };
}

if (sip === undefined || admin === undefined) {
  describe.skip('drachtio-server', () => test('needs DRACHTIO_SIP and DRACHTIO_ADMIN', () => {}));
} else {
  const { secret, ...control } = addressOf(admin);
  probeSipServer(async () => ({
    kind: 'drachtio',
    sip: addressOf(sip),
    admin: control,
    secret,
    pass: undefined,
    close: async () => {},
  }));
}
