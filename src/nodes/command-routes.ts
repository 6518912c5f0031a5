import type { Command } from '../incall/commands.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Party } from '../transfers/ports.ts';
import { normalCode } from '../transfers/prompt-code.ts';
import { isOver, isTerminal } from '../transfers/tables.ts';
import type { FarTransfers } from './far-transfers.ts';

export interface RoutePorts {
  readonly state: Pick<StateStore, 'prompt' | 'transfer'>;
  readonly far: Pick<FarTransfers, 'node'>;
  /** Whether the party takes part in a transfer of this node whose id begins like that. */
  readonly takesPart: (beginning: string | undefined, from: Party) => boolean;
}

type Route<C extends Command> = (command: C, from: Party) => Promise<string | undefined>;

const here = (): Promise<undefined> => Promise.resolve(undefined);

/** Which node a command is for: the one that has the transfer it is about. What is about none, or about one that is over, any can do. */
export class CommandRoutes {
  readonly #ports: RoutePorts;
  readonly #routes: { readonly [T in Command['type']]: Route<Extract<Command, { type: T }>> } = {
    'storage-request': here,
    'storage-instruction': here,
    'list-request': here,
    'delete-request': here,
    'send-request': ({ token }) => this.#ofPrompt(token),
    'store-request': ({ token }) => this.#ofPrompt(token),
    'forward-prompt': ({ transfer }) => this.#ofTransfer(transfer),
    'end-of-data': ({ transfer }) => this.#ofTransfer(transfer),
    'receive-request': ({ transfer }) => this.#ofTransfer(transfer),
    cancel: ({ transfer }, from) => this.#ofParty(transfer, from),
    'status-request': ({ transfer }, from) => this.#ofParty(transfer, from),
  };

  constructor(ports: RoutePorts) {
    this.#ports = ports;
  }

  /** @returns the node; undefined when nobody in particular has it. @throws MidcallError. */
  async nodeOf(command: Command, from: Party): Promise<string | undefined> {
    const route = this.#routes[command.type] as Route<Command>;
    return route(command, from);
  }

  async #ofPrompt(key: string): Promise<string | undefined> {
    const { state } = this.#ports;
    return ((await state.prompt(key)) ?? (await state.prompt(normalCode(key))))?.node;
  }

  async #ofTransfer(id: string): Promise<string | undefined> {
    const record = await this.#ports.state.transfer(id);
    if (record === undefined) return undefined;
    const isDone = isTerminal(record.ingest) && isOver(record.delivery);
    return isDone ? undefined : record.node;
  }

  /** People say the beginning of an id, or none: then it is one of theirs, here first. */
  async #ofParty(beginning: string | undefined, from: Party): Promise<string | undefined> {
    const { far, takesPart } = this.#ports;
    if (takesPart(beginning, from)) return undefined;
    const told = far.node(from.number, beginning);
    return told ?? (beginning === undefined ? undefined : this.#ofTransfer(beginning));
  }
}
