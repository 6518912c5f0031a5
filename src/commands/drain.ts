import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { optionText, UsageError } from './command.ts';
import type { Command, Invocation } from './command.ts';

const ASK_EVERY_MS = 500;
/** For one answer. */
const ANSWER_MS_MAX = 10_000;

interface Left {
  readonly transfers: number;
  readonly calls: number;
  readonly backlogBytes: number;
}

/** `midcall drain`: through the operator API of the running platform. Resolves when nothing is left to be stored. */
export const drain: Command = async (invocation) => {
  const server = new Operator(invocation);
  await server.ask('POST', '/v1/operator/drain');
  let left = await server.left();
  let shown = '';
  while (left.transfers > 0 || left.backlogBytes > 0) {
    const line = `${left.transfers} transfers and ${left.backlogBytes} bytes are left`;
    if (!invocation.json && line !== shown) invocation.print(line);
    shown = line;
    await pause(ASK_EVERY_MS);
    left = await server.left();
  }
  if (invocation.json) invocation.print(JSON.stringify({ drained: true, calls: left.calls }));
  else invocation.print(`Drained: all is stored. ${left.calls} calls go on.`);
  return 0;
};

/** The operator API of a platform that runs. */
class Operator {
  readonly #url: string;
  readonly #token: string;

  constructor(invocation: Invocation) {
    const { config } = invocation;
    this.#url = optionText(invocation, 'server') ?? ownUrl(config);
    this.#token = config.operatorToken;
    if (!URL.canParse(this.#url)) throw new UsageError('--server takes http://HOST:PORT');
    if (this.#token === '')
      throw new UsageError('MIDCALL_OPERATOR_TOKEN: set it to what the platform has');
  }

  /** What is not over. @throws UsageError. */
  async left(): Promise<Left> {
    const status = (await this.ask('GET', '/v1/operator/status')) as {
      readonly now?: Partial<Left>;
    };
    const { transfers = 0, calls = 0, backlogBytes = 0 } = status.now ?? {};
    return { transfers, calls, backlogBytes };
  }

  /** @returns the body of the answer, as JSON. @throws UsageError that says what is in the way. */
  async ask(method: string, path: string): Promise<unknown> {
    const answer = await this.#fetch(method, path);
    if (answer.status === 401 || answer.status === 403)
      throw new UsageError(`${this.#url} does not take this MIDCALL_OPERATOR_TOKEN`);
    if (!answer.ok) throw new UsageError(`${this.#url} answers ${answer.status} to ${path}`);
    const text = await answer.text();
    try {
      return text === '' ? {} : JSON.parse(text);
    } catch (cause) {
      throw new UsageError(`${this.#url} is no midcall`, { cause });
    }
  }

  async #fetch(method: string, path: string): Promise<Response> {
    try {
      return await fetch(new URL(path, this.#url), {
        method,
        headers: { authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
    } catch (cause) {
      throw new UsageError(`no platform answers at ${this.#url}`, { cause });
    }
  }
}

/** Where a platform with these settings listens. */
function ownUrl({ httpHost, httpPort }: Config): string {
  if (httpPort === 'off' || httpPort === 0)
    throw new UsageError('MIDCALL_HTTP_PORT does not say where the platform is: give --server');
  return `http://${httpHost.includes(':') ? `[${httpHost}]` : httpHost}:${httpPort}`;
}
