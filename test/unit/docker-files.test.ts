import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { SETTINGS } from '../../src/config.ts';
import { loadConfig } from '../../src/load-config.ts';

const known = new Set<string>(Object.values(SETTINGS).map(({ name }) => name));
const read = (name: string): string => readFileSync(`docker/${name}`, 'utf8');
const compose = read('compose.yaml');

test.each(readdirSync('docker'))('%s names only settings that there are', (name) => {
  const named = [...read(name).matchAll(/MIDCALL_[A-Z0-9_]+/g)].map(([setting]) => setting);
  expect(named.filter((setting) => !known.has(setting))).toEqual([]);
});

describe('compose.yaml', () => {
  test('pins what it runs, and runs nothing that was withdrawn', () => {
    const images = [...compose.matchAll(/image: (\S+)/g)].map(([, image]) => image);
    expect(images).toHaveLength(4);
    for (const image of images) expect(image).toMatch(/:(local|\d+\.\d+(\.\d+)?(-\w+)?)$/);
    expect(compose).not.toMatch(/image: *minio/);
  });

  test('asks for nothing that example.env does not show', () => {
    const asked = new Set([...compose.matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name]) => name));
    const shown = [...read('example.env').matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name);
    expect(asked).toEqual(new Set(shown));
  });

  test('its secrets are of the kind that the platform takes', () => {
    const values = Object.fromEntries(
      [...read('example.env').matchAll(/^(MIDCALL_[A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [
        name,
        value,
      ]),
    );
    expect(() => loadConfig(values)).not.toThrow();
  });
});

test('the image and the unit stop the platform by the signal that drains it', () => {
  expect(read('Dockerfile')).toContain('STOPSIGNAL SIGINT');
  expect(read('midcall.service')).toContain('KillSignal=SIGINT');
});
