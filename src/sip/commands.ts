import { Buffer } from 'node:buffer';
import { ok, type Result } from '../base/result.ts';
import type { AppConnection, AppConnections } from './app-connections.ts';
import type { Command } from './command.ts';
import type { Environment } from './environment.ts';
import { NO_BODY, type SipMessage, type SipRequest } from './message.ts';
import { parseMessage, type ParseFault } from './message-parser.ts';
import type { Uac } from './uac.ts';
import type { Uas } from './uas.ts';
import { contactsText, nokFrame, noFrame, okFrame } from './wire-out.ts';

/** Verbs that one application may route: there are 14 methods and three kinds of record. */
export const ROUTES_MAX = 64;

/** What applications are told: drachtio-srf wants `v<major>.<minor>.<patch>`, at least v0.8.2, to send pings. */
export const SERVER_VERSION = 'v0.9.10-midcall';

interface CommandsOptions {
  readonly env: Environment;
  readonly apps: AppConnections;
  readonly uac: Uac;
  readonly uas: Uas;
}

/** A frame of an application: its message is bytes that came over a connection, or a value of this process. */
export interface Said {
  readonly tokens: readonly string[];
  readonly message: Buffer | SipMessage | undefined;
}

type Run = (app: AppConnection, said: Said, requestId: string) => void;

/** The frames of applications: docs/drachtio-wire-protocol.md §2, one method for each kind. */
export class Commands {
  readonly #env: Environment;
  readonly #apps: AppConnections;
  readonly #uac: Uac;
  readonly #uas: Uas;
  readonly #kinds: ReadonlyMap<string, Run>;

  constructor({ env, apps, uac, uas }: CommandsOptions) {
    this.#env = env;
    this.#apps = apps;
    this.#uac = uac;
    this.#uas = uas;
    this.#kinds = new Map<string, Run>([
      ['authenticate', (app, frame, id) => this.#authenticate(app, frame, id)],
      ['route', (app, frame, id) => this.#route(app, frame, id)],
      ['remove_route', (app, frame, id) => this.#removeRoute(app, frame, id)],
      ['ping', (app, _frame, id) => env.frame(app.id, okFrame(env, id, 'pong'))],
      ['sip', (app, frame, id) => this.#sip(app, frame, id)],
      ['proxy', (app, _frame, id) => env.frame(app.id, nokFrame(env, id, 'proxy not supported'))],
    ]);
  }

  /** Before the secret was said, nothing else is heard. */
  run(app: AppConnection, said: Said): void {
    const [requestId = '', kind = ''] = said.tokens;
    const run = this.#kinds.get(kind);
    if (run === undefined) return this.#fault(app, requestId, 'Unknown message type');
    if (!app.authenticated && kind !== 'authenticate') {
      return this.#fault(app, requestId, 'not authenticated');
    }
    run(app, said, requestId);
  }

  /** `authenticate|secret|tags`: the tags are for routing among servers, which we don't do. */
  #authenticate(app: AppConnection, { tokens }: Said, requestId: string): void {
    if (!this.#apps.isSecret(tokens[2] ?? '')) {
      this.#env.count('closed-bad-secret');
      return this.#fault(app, requestId, 'incorrect secret');
    }
    app.authenticate();
    const contacts = contactsText(this.#env);
    this.#env.frame(app.id, okFrame(this.#env, requestId, contacts, SERVER_VERSION, contacts));
    this.#env.log('sip.app-connected', { app: app.id });
  }

  #route(app: AppConnection, { tokens }: Said, requestId: string): void {
    const verb = (tokens[2] ?? '').toLowerCase();
    if (app.routes.size >= ROUTES_MAX) {
      this.#env.count('closed-routes-full');
      return this.#fault(app, requestId, 'too many routes');
    }
    app.routes.add(verb);
    this.#env.frame(app.id, okFrame(this.#env, requestId));
  }

  #removeRoute(app: AppConnection, { tokens }: Said, requestId: string): void {
    app.routes.delete((tokens[2] ?? '').toLowerCase());
    this.#env.frame(app.id, okFrame(this.#env, requestId));
  }

  /** `sip|transaction id|dialog id|proxy` CRLF message. */
  #sip(app: AppConnection, { tokens, message }: Said, requestId: string): void {
    const [, , transactionId = '', dialogId = '', proxy = ''] = tokens;
    const command: Command = { app: app.id, requestId, transactionId, dialogId, proxy };
    const parsed = messageOf(message ?? NO_BODY);
    if (!parsed.ok) {
      const reason = `invalid sip message: ${parsed.code}`;
      this.#env.frame(app.id, nokFrame(this.#env, requestId, reason));
    } else if (parsed.value.kind === 'request') {
      this.#request(command, parsed.value);
    } else if (transactionId === '') {
      this.#fault(app, requestId, 'transaction id missing');
    } else {
      this.#uas.answer(command, parsed.value);
    }
  }

  #request(command: Command, given: SipRequest): void {
    if (command.dialogId !== '') this.#uac.sendInDialog(command, given);
    else if (given.method === 'CANCEL') this.#uac.cancel(command, given);
    else this.#uac.send(command, given);
  }

  #fault(app: AppConnection, requestId: string, reason: string): void {
    this.#env.frame(app.id, noFrame(this.#env, requestId, reason));
    this.#env.closeApp(app.id);
  }
}

const messageOf = (said: Buffer | SipMessage): Result<SipMessage, ParseFault> =>
  Buffer.isBuffer(said) ? parseMessage(said, 'ignored') : ok(said);
