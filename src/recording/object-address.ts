import { MidcallError } from '../base/errors.ts';
import { parseJsonPayload, RECORD_KIND } from '../spool/record.ts';
import type { Container } from './container.ts';
import { containerAhead } from './containers.ts';
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

export function fileAddress(header: SpoolHeader): ObjectAddress {
  const contentType = safeMediaType(header.format);
  const name = fileObjectName(header.name, contentType);
  return { key: `${objectFolder(header.account, header.transfer)}/${name}`, contentType, header };
}

export function mediaAddress(header: SpoolHeader, container: Container): ObjectAddress {
  const { contentType, extension } = container;
  const name = objectName(header.name, extension);
  return { key: `${objectFolder(header.account, header.transfer)}/${name}`, contentType, header };
}

const mediaAddressAhead = (header: SpoolHeader): ObjectAddress | undefined => {
  const container = containerAhead(header.payload);
  return container && mediaAddress(header, container);
};

/**
 * Where an object will go whose data still comes in.
 * @returns undefined where that hangs on the data: a video's container does.
 * @throws MidcallError when the spool does not begin with a header.
 */
export async function addressAhead(spool: string): Promise<ObjectAddress | undefined> {
  for await (const { kind, payload } of spoolRecords(spool)) {
    const header =
      kind === RECORD_KIND.header ? parseSpoolHeader(parseJsonPayload(payload)) : undefined;
    if (header?.kind === 'file') return fileAddress(header);
    if (header !== undefined) return mediaAddressAhead(header);
    break;
  }
  throw new MidcallError('storage-unavailable', 'the spool has no header that can be read');
}
