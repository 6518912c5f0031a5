/** A transfer, as `Transfer` in /openapi.json. */
export interface Transfer {
  readonly id: string;
  readonly state: string;
  readonly live: boolean;
  readonly name?: string;
  readonly format?: string;
  readonly size?: number;
  readonly stored: number;
  readonly sender?: string;
  readonly reason?: string;
  readonly createdAt: string;
  readonly lost?: number;
  readonly expected?: number;
  readonly content?: {
    readonly type: string;
    readonly size: number;
    readonly sha256: string;
    readonly name: string;
    readonly whole: boolean;
    readonly durationMs?: number;
  };
}

export interface TransferPage {
  readonly transfers: readonly Transfer[];
  readonly cursor?: string;
}

export interface Usage {
  readonly space: number;
  readonly used: number;
  readonly free: number;
}

/** What the server refused, with its code. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, text: string) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

/** Asks the API. @returns undefined for an answer without content. @throws Refusal, TypeError when it can't be reached. */
export async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (answer.status === 204 || answer.status === 202) return undefined;
  const value: unknown = await answer.json();
  if (answer.ok) return value;
  const { code = '', detail = '' } = value as { code?: string; detail?: string };
  throw new Refusal(answer.status, code, detail);
}

/** Paths of one account. */
export class Account {
  readonly id: string;
  readonly #base: string;

  constructor(id: string) {
    this.id = id;
    this.#base = `/v1/accounts/${encodeURIComponent(id)}`;
  }

  get events(): string {
    return `${this.#base}/events`;
  }

  content(id: string): string {
    return `${this.#base}/transfers/${id}/content`;
  }

  async page(cursor?: string): Promise<TransferPage> {
    const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    return (await ask('GET', `${this.#base}/transfers?limit=50${from}`)) as TransferPage;
  }

  async usage(): Promise<Usage> {
    return (await ask('GET', `${this.#base}/usage`)) as Usage;
  }

  async link(id: string, minutes: number): Promise<string> {
    const made = (await ask('POST', `${this.#base}/transfers/${id}/links`, { minutes })) as {
      readonly url: string;
    };
    return new URL(made.url, location.href).href;
  }

  /** Also while the page is being left. */
  async remove(id: string): Promise<void> {
    const answer = await fetch(`${this.#base}/transfers/${id}`, {
      method: 'DELETE',
      keepalive: true,
    });
    if (!answer.ok) throw new Refusal(answer.status, '', 'it could not be deleted');
  }
}
