import { describe, expect, test } from '@jest/globals';
import { isObjectKey } from '../../../src/objects/object-key.ts';
import {
  fileObjectName,
  NAME_CHARACTERS_MAX,
  objectName,
  safeMediaType,
  safeSegment,
} from '../../../src/recording/object-name.ts';

describe('the name of an object', () => {
  test.each([
    [undefined, 'wav', 'data.wav'],
    ['', 'wav', 'data.wav'],
    ['note', 'wav', 'note.wav'],
    ['note.WAV', 'wav', 'note.WAV'],
    ['my note', 'ogg', 'my_note.ogg'],
    ['../../etc/passwd', 'wav', 'passwd.wav'],
    ['C:\\temp\\a', 'wav', 'a.wav'],
    ['..', 'wav', '_.wav'],
    ['.hidden', 'wav', '_hidden.wav'],
    ['metadata', 'json', '_metadata.json'],
    ['фото', 'jpg', '____.jpg'],
    ['a/', 'jpg', 'data.jpg'],
  ])('%j as %s is %s', (announced, extension, expected) => {
    expect(objectName(announced, extension)).toBe(expected);
  });

  test.each([
    ['a.JPG', 'image/jpeg', 'a.JPG'],
    ['a.tar.gz', 'application/gzip', 'a.tar.gz'],
    ['letter', 'application/pdf', 'letter.pdf'],
    [undefined, 'application/pdf', 'data.pdf'],
    [undefined, 'application/x-unheard-of', 'data.bin'],
    ['metadata.json', 'application/json', '_metadata.json'],
  ])('a file %j of type %s is %s', (announced, mediaType, expected) => {
    expect(fileObjectName(announced, mediaType)).toBe(expected);
  });

  test('has 100 characters; a longer one keeps its extension', () => {
    const fits = `${'x'.repeat(NAME_CHARACTERS_MAX - 4)}.wav`;
    expect(objectName(fits, 'wav')).toBe(fits);
    expect(objectName(`x${fits}`, 'wav')).toBe(fits);
  });

  test.each(['+49 30 123', 'alice@example.org', '..', '.', '/', 'ä'])(
    '%j makes a segment',
    (text) => {
      expect(isObjectKey(safeSegment(text))).toBe(true);
    },
  );
});

describe('the type a file is served as', () => {
  test.each([
    ['image/jpeg', 'image/jpeg'],
    ['Image/JPEG; q=1', 'image/jpeg'],
    ['text/html', 'application/octet-stream'],
    ['TEXT/HTML;charset=utf-8', 'application/octet-stream'],
    ['image/svg+xml', 'application/octet-stream'],
    ['application/xhtml+xml', 'application/octet-stream'],
    ['text/javascript', 'application/octet-stream'],
    ['application/x-javascript', 'application/octet-stream'],
    ['nonsense', 'application/octet-stream'],
    ['a/b\r\nSet-Cookie: x', 'application/octet-stream'],
    [undefined, 'application/octet-stream'],
  ])('%j becomes %s', (announced, expected) => {
    expect(safeMediaType(announced)).toBe(expected);
  });
});
