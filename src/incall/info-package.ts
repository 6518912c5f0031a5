/** How the in-call protocol travels in INFO (RFC 6086, docs/in-call-protocol.md §1). */
export const INFO_PACKAGE = 'midcall';
export const CONTENT_TYPE = 'application/vnd.midcall+json';

/** Headers of an INFO of ours. */
export const INFO_HEADERS: Readonly<Record<string, string>> = {
  'Info-Package': INFO_PACKAGE,
  'Content-Type': CONTENT_TYPE,
  'Content-Disposition': 'Info-Package',
};
