import { PhoneProcess } from '../../sip-scripts/phone-process.ts';
import type { Fields } from '../../sip-scripts/phone/lines.ts';
import { builtDist } from './built-dist.ts';

/** Runs a test with phones of these options; ends every one of them, also when the test fails. */
export async function withPhones(
  options: readonly Fields[],
  test: (...phones: PhoneProcess[]) => Promise<void>,
): Promise<void> {
  const dist = builtDist();
  const started = await Promise.allSettled(
    options.map((phone) => PhoneProcess.start({ dist, phone: { domain: '127.0.0.1', ...phone } })),
  );
  const phones = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  try {
    const failure = started.find((result) => result.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    await test(...phones);
  } finally {
    await Promise.all(phones.map((phone) => phone.stop()));
  }
}

/** Where a phone is called without a server. */
export const directUri = (phone: PhoneProcess, transport: string): string =>
  `sip:${phone.user}@${phone.sip.address}:${phone.sip.port};transport=${transport}`;
