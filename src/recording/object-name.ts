/** Long enough for what people call files, short enough for any store. */
export const NAME_CHARACTERS_MAX = 100;
export const METADATA_NAME = 'metadata.json';

/** Names of files whose sender gave none, by media type. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/wav': 'wav',
  'image/gif': 'gif',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'text/plain': 'txt',
  'text/vcard': 'vcf',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
};

/** RFC 6838 §4.2: type and subtype. Parameters are left out. */
const MEDIA_TYPE = /^([a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126})(?:;|$)/;
/** What a browser would run when it opens it, in the name of whoever serves it. */
const SCRIPTABLE =
  /^(?:text\/html|text\/xml|application\/xml|.*\+xml|.*\/(?:x-)?(?:java|ecma)script)$/;
const OCTETS = 'application/octet-stream';

/** The media type under which a file can be served without harm. */
export function safeMediaType(announced: string | undefined): string {
  const [, type] = MEDIA_TYPE.exec(announced?.trim().toLowerCase() ?? '') ?? [];
  return type === undefined || SCRIPTABLE.test(type) ? OCTETS : type;
}

export const extensionOf = (mediaType: string): string => EXTENSIONS[mediaType] ?? 'bin';

/**
 * The last segment of an object's key: the announced name in safe characters, else `data`, with the extension of what it is.
 * @param extension without the dot; undefined keeps the one that the name has.
 */
export function objectName(announced: string | undefined, extension: string): string {
  const name = safeSegment(baseName(announced ?? ''));
  const suffix = `.${extension}`;
  if (name === '') return `data${suffix}`;
  const whole = name.toLowerCase().endsWith(suffix) ? name : name + suffix;
  return shorten(whole === METADATA_NAME ? `_${whole}` : whole);
}

/** A sender's file keeps the extension it came with. */
export function fileObjectName(announced: string | undefined, mediaType: string): string {
  const extension = /\.([A-Za-z0-9]{1,10})$/.exec(baseName(announced ?? ''))?.[1];
  return objectName(announced, extension?.toLowerCase() ?? extensionOf(mediaType));
}

/** One segment of a key from any text: never empty of meaning, never hidden, never `..`. */
export const safeSegment = (text: string): string =>
  text.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_');

/** Senders on any system: both slashes. */
const baseName = (name: string): string => name.split(/[/\\]/).at(-1) ?? '';

/** The end matters more than the middle. */
function shorten(name: string): string {
  if (name.length <= NAME_CHARACTERS_MAX) return name;
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? '';
  return name.slice(0, NAME_CHARACTERS_MAX - extension.length) + extension;
}
