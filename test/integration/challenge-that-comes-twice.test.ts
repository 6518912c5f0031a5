import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { withPhones } from '../support/phones.ts';
import { answerTo, readSip } from '../support/sip-text.ts';
import { SubscriberPhone } from '../support/subscriber-phone.ts';

const CHALLENGE = 'WWW-Authenticate: Digest realm="test", nonce="1", algorithm=MD5, qop="auth"';
/** Where one datagram meets a client between two turns, another does not. */
const TIMES = 20;

test('a registrar that is slow answers each transmission of a REGISTER: the second 401 is not for the credentials', async () => {
  const registrar = createSocket('udp4');
  registrar.bind(0, '127.0.0.1');
  await once(registrar, 'listening');
  const server = { address: '127.0.0.1', port: registrar.address().port };
  registrar.on('message', (bytes, { port, address }) => {
    const request = readSip(bytes.toString());
    const isProven = request.get('authorization') !== '';
    const answer = isProven
      ? answerTo(request, '200 OK', { tag: 'r' })
      : answerTo(request, '401 Unauthorized', { tag: 'r', headers: [CHALLENGE] });
    registrar.send(answer, port, address);
    registrar.send(answer, port, address);
  });
  const text = await SubscriberPhone.open('bob', 'secret', server);
  const at = { host: server.address, port: server.port };
  try {
    await withPhones(
      [{ user: 'alice', password: 'secret', server: at, transport: 'udp' }],
      async (phone) => {
        for (let time = 0; time < TIMES; time++) {
          expect(await phone.command('register')).toMatchObject({ status: 200 });
          await text.register();
        }
      },
    );
  } finally {
    await text.sip.close();
    registrar.close();
  }
});
