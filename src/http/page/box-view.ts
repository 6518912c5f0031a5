import { Refusal, type Account, type Transfer } from './api.ts';
import { Deletions } from './deletions.ts';
import { byId } from './elements.ts';
import { Player } from './player.ts';
import { Row } from './row.ts';
import { Share } from './share.ts';
import { sizeText } from './texts.ts';
import { toast } from './toasts.ts';

/** After this share of the space the bar warns. */
const FULL = 0.95;

/** The storage box of who is signed in: the list, its space, and what changes. */
export class BoxView {
  readonly #account: Account;
  readonly #over: () => void;
  readonly #rows = new Map<string, Row>();
  readonly #list = byId('transfers', HTMLElement);
  readonly #more = byId('more', HTMLButtonElement);
  readonly #state = byId('live-state', HTMLElement);
  readonly #player: Player;
  readonly #share: Share;
  readonly #deletions: Deletions;
  readonly #events: EventSource;
  #cursor: string | undefined;

  /** @param over is called when the session is. */
  constructor(account: Account, over: () => void) {
    this.#account = account;
    this.#over = over;
    this.#player = new Player(account);
    this.#share = new Share(account, (cause) => this.#failed(cause));
    this.#deletions = new Deletions(account, (id, cause) => this.#deleted(id, cause));
    this.#more.onclick = () => void this.#page(this.#cursor);
    this.#list.replaceChildren();
    this.#events = this.#listen();
  }

  close(): void {
    this.#events.close();
    this.#player.close();
    this.#list.replaceChildren();
  }

  /** The list is read whenever the stream of events begins (again): what was missed in between is in it. */
  #listen(): EventSource {
    const events = new EventSource(this.#account.events);
    events.onopen = () => {
      this.#state.textContent = 'Live';
      void this.#page();
    };
    events.onerror = () => {
      this.#state.textContent = 'Reconnecting…';
      // A refusal closes it for good: the session is over, or the platform is full.
      if (events.readyState === EventSource.CLOSED) void this.#page();
    };
    events.addEventListener('transfer', ({ data }) => this.#changed(JSON.parse(data) as Transfer));
    events.addEventListener('removed', ({ data }) => this.#drop((JSON.parse(data) as Transfer).id));
    return events;
  }

  async #page(cursor?: string): Promise<void> {
    try {
      const page = await this.#account.page(cursor);
      for (const transfer of page.transfers) this.#put(transfer);
      this.#cursor = page.cursor;
      this.#more.hidden = page.cursor === undefined;
      this.#showEmptiness();
      await this.#space();
    } catch (cause) {
      this.#failed(cause);
    }
  }

  #changed(transfer: Transfer): void {
    const before = this.#rows.get(transfer.id)?.state;
    this.#put(transfer);
    this.#showEmptiness();
    // Space is reserved at the beginning, and settled at the end.
    if (before !== transfer.state)
      void this.#space().catch((cause: unknown) => this.#failed(cause));
  }

  #put(transfer: Transfer): void {
    if (this.#deletions.has(transfer.id)) return;
    const known = this.#rows.get(transfer.id);
    if (known !== undefined) return known.show(transfer);
    const row = new Row(transfer, this.#account, {
      play: (one) => this.#player.open(one),
      share: (one) => this.#share.open(one),
      remove: (one) => this.#remove(one),
    });
    const older = [...this.#rows.values()].find((other) => other.createdAt < row.createdAt);
    this.#list.insertBefore(row.element, older?.element ?? null);
    this.#rows.set(transfer.id, row);
    this.#sort();
  }

  /** Newest first, as the server has them. */
  #sort(): void {
    const rows = [...this.#rows].toSorted(([, a], [, b]) => b.createdAt.localeCompare(a.createdAt));
    this.#rows.clear();
    for (const [id, row] of rows) this.#rows.set(id, row);
  }

  /** The row goes at once, the transfer when it can't be undone any more. */
  #remove(transfer: Transfer): void {
    const row = this.#rows.get(transfer.id);
    const next = row?.element.nextElementSibling ?? row?.element.previousElementSibling;
    this.#drop(transfer.id);
    next?.querySelector<HTMLElement>('button, a')?.focus();
    this.#deletions.add(transfer, () => this.#changed(transfer));
  }

  #deleted(id: string, cause: unknown): void {
    if (cause !== undefined) this.#failed(cause);
    this.#drop(id);
    void this.#page();
  }

  #drop(id: string): void {
    this.#rows.get(id)?.element.remove();
    this.#rows.delete(id);
    this.#showEmptiness();
  }

  #showEmptiness(): void {
    byId('empty', HTMLElement).hidden = this.#rows.size > 0;
  }

  async #space(): Promise<void> {
    const { used, space, free } = await this.#account.usage();
    const share = space === 0 ? 1 : Math.min(1, used / space);
    const bar = byId('space-bar', HTMLElement);
    bar.setAttribute('aria-valuenow', String(Math.round(share * 100)));
    // What comes in holds all that it may need until it is over.
    const isReserved = [...this.#rows.values()].some(({ isLive }) => isLive);
    bar.classList.toggle('full', share >= FULL && !isReserved);
    const fill = bar.querySelector<HTMLElement>('.fill');
    if (fill !== null) fill.style.width = `${share * 100}%`;
    byId('space-text', HTMLElement).textContent =
      `${sizeText(used)} of ${sizeText(space)} used${isReserved ? ' or reserved' : ''}, ${sizeText(free)} free`;
  }

  #failed(cause: unknown): void {
    if (cause instanceof Refusal && cause.status === 401) return this.#over();
    toast(cause instanceof Refusal ? cause.message : 'The platform can’t be reached.');
  }
}
