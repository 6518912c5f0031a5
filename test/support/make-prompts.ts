import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SPOKEN } from '../../src/incall/prompts.ts';

/**
 * `node test/support/run-typescript.cjs test/support/make-prompts.ts`: speaks the table of prompts into the folder of its language, with
 * Debian's espeak-ng and ffmpeg. Run by hand when the table changes; what it makes is kept.
 */
const FOLDER = join(import.meta.dirname, '../../src/incall/prompts/en');
const VOICE = ['-v', 'en-us+f3', '-s', '180', '-p', '45'];
/** Silence of more than a breath is cut off at both ends. */
const CUT = 'silenceremove=start_periods=1:start_threshold=-45dB';
const SHAPE = `${CUT},areverse,${CUT},areverse,volume=0.8,apad=pad_dur=0.08`;
/** One frame of 20 ms a packet, SILK in wide band: the same first byte in all of them, so that frames can be joined. */
const OPUS = '-ar 16000 -c:a libopus -application voip -frame_duration 20 -b:a 12k -cutoff 8000';
/** No random serial number, no version: the same words make the same file. */
const EXACT = '-fflags +bitexact -flags:a +bitexact -map_metadata -1 -serial_offset 1';

const ffmpeg = (wav: Buffer, ...words: readonly string[]): Buffer =>
  execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', '-', '-ac', '1', '-af', SHAPE, ...words.join(' ').split(' '), '-'],
    { input: wav },
  );

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const [name, text] of Object.entries(SPOKEN)) {
  const wav = execFileSync('espeak-ng', [...VOICE, '--stdout', text]);
  const file = (ending: string): string => join(FOLDER, `${name}.${ending}`);
  writeFileSync(file('ulaw'), ffmpeg(wav, '-ar 8000 -f mulaw'));
  writeFileSync(file('opus'), ffmpeg(wav, OPUS, EXACT, '-f ogg'));
}
