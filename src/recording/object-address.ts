import { MidcallError } from '../base/errors.ts';
import { parseJsonPayload, RECORD_KIND } from '../spool/record.ts';
import { containerOf } from './containers.ts';
import { spoolRecords } from './media-reader.ts';
import { fileObjectName, objectName, safeMediaType, safeSegment } from './object-name.ts';
import { parseSpoolHeader, type SpoolHeader } from './spool-header.ts';

/** Where the object of a spool goes, known from its first record on. */
export interface ObjectAddress {
  readonly key: string;
  readonly contentType: string;
  readonly header: SpoolHeader;
}

/** Where all objects of a transfer are. */
export const objectFolder = (account: string, transfer: string): string =>
  `${safeSegment(account)}/${safeSegment(transfer)}`;

export function addressOf(header: SpoolHeader): ObjectAddress {
  const folder = objectFolder(header.account, header.transfer);
  if (header.kind === 'file') {
    const contentType = safeMediaType(header.format);
    return { key: `${folder}/${fileObjectName(header.name, contentType)}`, contentType, header };
  }
  const { contentType, extension } = containerOf(header.payload);
  return { key: `${folder}/${objectName(header.name, extension)}`, contentType, header };
}

/** @throws MidcallError when the spool does not begin with a header. */
export async function keyOfSpool(spool: string): Promise<ObjectAddress> {
  for await (const { kind, payload } of spoolRecords(spool)) {
    const header =
      kind === RECORD_KIND.header ? parseSpoolHeader(parseJsonPayload(payload)) : undefined;
    if (header !== undefined) return addressOf(header);
    break;
  }
  throw new MidcallError('storage-unavailable', 'the spool has no header that can be read');
}
