import { stat } from 'node:fs/promises';
import type { Passing } from '../in-call-party.ts';
import type { EventLine } from '../phone/lines.ts';
import { checkLine, Checks } from './checks.ts';
import type { DemoOptions } from './demo-options.ts';
import { playDirect } from './scene-direct.ts';
import { callBob } from './scene-call.ts';
import { playReceiverChosen } from './scene-receiver-chosen.ts';
import { playRefusals } from './scene-refusals.ts';
import type { Screen } from './screen.ts';
import type { Figures, Show } from './show.ts';
import { Stage } from './stage.ts';
import { stopwatch, timelineLine } from './timeline.ts';
import { compareVoices } from './voice-watch.ts';

export interface PlayOptions {
  readonly options: DemoOptions;
  readonly dist: string;
  readonly media: string;
  readonly screen: Screen;
  /** Gets the way to end everything, for a Ctrl-C. */
  readonly onStage: (strike: () => Promise<unknown>) => void;
}

/** The JSON line. */
export interface Outcome extends Figures {
  readonly ok: boolean;
  readonly checks: Checks['all'];
}

/** Plays the whole demo. Resolves also when checks fail; rejects when it could not be played to the end. */
export async function play({
  options,
  dist,
  media,
  screen,
  onStage,
}: PlayOptions): Promise<Outcome> {
  const startedAt = Date.now();
  const checks = new Checks();
  const figures: Figures = { stored: 0, delivered: 0 };
  const tell = (text: string): void => screen.line(`${stopwatch(Date.now() - startedAt)}  ${text}`);
  tell('starting midcall and three phones');
  const stage = await Stage.create({
    dist,
    media,
    fileBytes: options.file === undefined ? 0 : (await stat(options.file)).size,
    onMessage: (passing) => showMessage(screen, passing, startedAt),
    onEvent: (_person, event) => showProgress(screen, event),
  });
  onStage(() => stage.strike());
  try {
    await stage.build();
    const { sip } = stage.platform;
    tell(`midcall listens on ${sip.host}:${sip.port}; alice, bob and carol are registered`);
    const ends = await callBob(stage, 'alice');
    tell('alice and bob talk');
    const show: Show = { stage, screen, checks, options, media, ends, tell, figures };
    await playScenes(show);
    await endCall(show);
  } catch (error) {
    screen.settle();
    screen.line(`the end of midcall’s log:\n${stage.log}`);
    throw error;
  } finally {
    const code = await stage.strike();
    checks.add('midcall ends cleanly', code === 0, `exit code ${code}`);
  }
  for (const check of checks.all) screen.line(checkLine(check));
  return { ok: checks.ok, checks: checks.all, ...figures };
}

async function playScenes(show: Show): Promise<void> {
  const { mode } = show.options;
  if (mode !== 'receiver-chosen') await playDirect(show);
  if (mode !== 'direct') await playReceiverChosen(show);
  await playRefusals(show);
}

async function endCall({ ends, checks, figures, tell }: Show): Promise<void> {
  const voice = await compareVoices(ends);
  figures.voiceLost = voice.lost;
  // How late packets may be is up to the machine; that they all come is up to us.
  const pause = `longest pause ${Math.round(voice.silenceMsMax)} ms`;
  const found = `${voice.lost} of ${voice.packets + voice.lost} packets lost, ${pause}`;
  checks.add('voice uninterrupted', voice.lost === 0, found);
  checks.add(
    'every word heard as spoken',
    voice.identical,
    voice.identical ? 'same bytes' : 'other bytes',
  );
  const [alice] = ends;
  await alice.phone.command('hangup', { call: alice.call });
  tell('alice hangs up');
}

/** The messages of a transfer move the bar of what is stored. */
function showMessage(screen: Screen, passing: Passing, startedAt: number): void {
  const { stored, size } = passing.message;
  if (passing.direction === 'received' && typeof stored === 'number') {
    const total = typeof size === 'number' ? size : undefined;
    screen.progress({ label: 'stored', value: stored, total });
  }
  // Progress is what the bars are for.
  if (passing.message.type !== 'transfer-status') screen.line(timelineLine(passing, startedAt));
}

/** What a receiver has moves the bar of what is delivered. */
function showProgress(screen: Screen, event: EventLine): void {
  const value = event['received'] ?? event['bytes'];
  const moves = event.event.endsWith('-progress') || event.event.endsWith('-received');
  if (!moves || typeof value !== 'number') return;
  screen.progress({ label: 'delivered', value, total: undefined });
}
