import { ask, Refusal, type TransferPage } from './api.ts';
import { byId, make } from './elements.ts';
import { nameOf } from './media-kind.ts';
import { Plot } from './plot.ts';
import { sizeText, stateText } from './texts.ts';

/** As `Sample` in /openapi.json. */
interface Sample {
  readonly calls: number;
  readonly transfers: number;
  readonly storedPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly packetsInPerSecond: number;
  readonly loss: number;
  readonly backlogBytes: number;
}

interface Call {
  readonly state: string;
  readonly caller?: string;
  readonly callee?: string;
}

const TABLES_MS = 2_000;

const signIn = byId('sign-in', HTMLElement);
const board = byId('board', HTMLElement);
const signOut = byId('sign-out', HTMLButtonElement);
const error = byId('sign-in-error', HTMLElement);
const token = byId('token', HTMLInputElement);
const state = byId('live-state', HTMLElement);

const whole = (value: number): string => String(Math.round(value));
const rate = (value: number): string => `${sizeText(value)}/s`;
const PLOTS: readonly (readonly [keyof Sample, Plot])[] = [
  ['calls', new Plot('Calls', whole)],
  ['transfers', new Plot('Transfers', whole)],
  ['storedPerSecond', new Plot('Stored', rate)],
  ['deliveredPerSecond', new Plot('Delivered', rate)],
  ['packetsInPerSecond', new Plot('Packets in', (value) => `${whole(value)}/s`)],
  ['loss', new Plot('Loss', (value) => `${(value * 100).toFixed(2)} %`)],
  ['backlogBytes', new Plot('Backlog', sizeText)],
];
byId('plots', HTMLElement).append(...PLOTS.map(([, { element }]) => element));

let events: EventSource | undefined;
let tables: number | undefined;

function showSignIn(why = ''): void {
  events?.close();
  clearInterval(tables);
  board.hidden = true;
  signOut.hidden = true;
  signIn.hidden = false;
  error.textContent = why;
  token.focus();
}

function showBoard(): void {
  signIn.hidden = true;
  board.hidden = false;
  signOut.hidden = false;
  events = new EventSource('/v1/operator/events');
  events.addEventListener('sample', ({ data }) => {
    const sample = JSON.parse(data) as Sample;
    for (const [name, plot] of PLOTS) plot.add(sample[name]);
  });
  events.onopen = () => (state.textContent = 'Live');
  events.onerror = () => (state.textContent = 'Reconnecting…');
  tables = window.setInterval(() => void fill(), TABLES_MS);
  void fill();
}

/** What is no plot. */
async function fill(): Promise<void> {
  try {
    const { transfers } = (await ask('GET', '/v1/operator/transfers')) as TransferPage;
    const { calls } = (await ask('GET', '/v1/operator/calls')) as {
      readonly calls: readonly Call[];
    };
    const { totals } = (await ask('GET', '/v1/operator/status')) as {
      readonly totals: Readonly<Record<'errors' | 'ended', Readonly<Record<string, number>>>>;
    };
    const rows = transfers.map((one) => [
      nameOf(one),
      stateText(one.state).text,
      one.sender ?? '',
      one.size === undefined
        ? sizeText(one.stored)
        : `${sizeText(one.stored)} of ${sizeText(one.size)}`,
    ]);
    table('live-transfers', ['What', 'State', 'From', 'Stored'], rows);
    const people = calls.map(({ state: is, caller = '', callee = '' }) => [caller, callee, is]);
    table('live-calls', ['Caller', 'Callee', 'State'], people);
    table('errors', ['Code', 'Times'], countsOf(totals.errors));
    table('ended', ['State', 'Times'], countsOf(totals.ended));
  } catch (cause) {
    if (cause instanceof Refusal && cause.status === 401) showSignIn('Sign in again.');
  }
}

const countsOf = (counts: Readonly<Record<string, number>>): string[][] =>
  Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => [name, String(count)]);

function table(id: string, heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (tag: 'th' | 'td', cells: readonly string[]): HTMLElement =>
    make('tr', {}, ...cells.map((text) => make(tag, {}, text)));
  const filled = make(
    'table',
    {},
    make('thead', {}, line('th', heads)),
    make('tbody', {}, ...rows.map((cells) => line('td', cells))),
  );
  const shown = rows.length === 0 ? make('p', { class: 'nothing' }, 'None.') : filled;
  byId(id, HTMLElement).replaceChildren(shown);
}

async function submit(): Promise<void> {
  error.textContent = '';
  try {
    await ask('POST', '/v1/operator/sessions', { token: token.value });
    token.value = '';
    showBoard();
  } catch (cause) {
    const isWrong = cause instanceof Refusal && cause.status === 403;
    error.textContent = isWrong ? 'This is not the operator’s token.' : 'Try again later.';
    token.select();
  }
}

byId('sign-in-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void submit();
});
signOut.addEventListener('click', () => {
  void ask('DELETE', '/v1/operator/session').finally(() => showSignIn());
});
showSignIn();
