import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { ENGLISH_PROMPTS, SpokenPrompts } from '../../../src/calls/spoken-prompts.ts';
import type { InCallEvent } from '../../../src/incall/events.ts';
import { SPOKEN, wordsOf, written } from '../../../src/incall/prompts.ts';
import type { PromptName, Words } from '../../../src/incall/prompts.ts';
import { opusDuration } from '../../../src/rtp/opus-packet.ts';
import { PROMPT, OFFER, STATUS } from '../../support/in-call-events.ts';

const CODES = { store: '*1', send: '*2', play: '#34' };
const NAMES = Object.keys(SPOKEN) as PromptName[];
const FRAME = 960;

describe('what is said', () => {
  test.each<[string, InCallEvent, Words]>([
    ['to the sender', PROMPT, ['to-send', 'star', 2]],
    ['at the threshold', OFFER, ['to-play', 'hash', 3, 4]],
    ['of a file that can not be seen', { ...OFFER, size: 1 }, ['in-storage']],
    ['of progress', STATUS, []],
  ])('%s', (_what, event, words) => {
    expect(wordsOf(event, CODES)).toEqual(words);
  });

  test('only what has a code is offered', () => {
    expect(wordsOf(PROMPT, { store: '*1' })).toEqual([]);
    expect(wordsOf(OFFER, { store: '*1' })).toEqual(['in-storage']);
  });

  test('a status answers a command', () => {
    expect(wordsOf(STATUS, CODES, 'store')).toEqual(['asked']);
    expect(wordsOf(STATUS, CODES, 'cancel')).toEqual(['over']);
  });

  test('how many there are', () => {
    const list = { type: 'transfer-list', re: 'r', transfers: [], more: false, free: 1 } as const;
    expect(wordsOf(list, CODES, 'list')).toEqual(['you-have', 0]);
    expect(wordsOf({ ...list, more: true }, CODES, 'list')).toEqual(['you-have', 0, 'more']);
  });

  test.each([
    ['not-authorized', 'wrong-pin'],
    ['too-many-attempts', 'blocked'],
    ['no-space', 'no-room'],
    ['prompt-expired', 'no-prompt'],
    ['not-ready', 'no-offer'],
    ['transport-not-supported', 'not-taken'],
    ['storage-unavailable', 'sorry'],
  ] as const)('of %s', (code, name) => {
    expect(wordsOf({ type: 'error', code, status: 0, text: '' }, CODES, 'store')).toEqual([name]);
  });

  test('or written', () => {
    expect(written(['to-send', 'star', 2])).toBe('You are asked for a video. Press star two');
  });
});

describe('the shipped files', () => {
  const prompts = new SpokenPrompts(ENGLISH_PROMPTS);

  test('one of each kind for each prompt, and no other; small in all', () => {
    const folder = fileURLToPath(ENGLISH_PROMPTS);
    const files = readdirSync(folder);
    const wanted = NAMES.flatMap((name) => [`${name}.opus`, `${name}.ulaw`]);
    expect(files.toSorted()).toEqual([...wanted].toSorted());
    const bytes = files.reduce((sum, file) => sum + statSync(`${folder}/${file}`).size, 0);
    expect(bytes).toBeLessThan(300_000);
  });

  test.each(NAMES)('%s: as long in Opus, in frames of 20 ms that can be joined', (name) => {
    const { ulaw, opus } = prompts.audioOf([name]);
    expect(new Set(opus.map(([toc]) => toc)).size).toBe(1);
    expect(opus.map(opusDuration)).toEqual(opus.map(() => FRAME));
    // Opus has a beginning and an end of its own.
    expect(Math.abs(opus.length - ulaw.length / 160)).toBeLessThan(4);
  });

  test('pieces follow one another', () => {
    const [one, two] = [prompts.audioOf(['star']), prompts.audioOf([2])];
    const { ulaw, opus } = prompts.audioOf(['star', 2]);
    expect(ulaw).toEqual(Uint8Array.from([...one.ulaw, ...two.ulaw]));
    expect(opus).toEqual([...one.opus, ...two.opus]);
  });
});
