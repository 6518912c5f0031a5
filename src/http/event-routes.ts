import type { EventStream, EventStreams } from './event-streams.ts';
import type { HttpPorts } from './http-ports.ts';
import type { Api } from './schema-types.ts';
import type { Sessions } from './sessions.ts';
import { transferView } from './transfer-view.ts';

/** Often enough to look alive; the media plane reports each sync, and several at once are one. */
const GATHER_MS = 250;

const EVENTS = {
  operationId: 'followTransfers',
  summary: 'What changes, as server-sent events',
  description:
    '`transfer` with a Transfer that is new or changed; `removed` with its `id`. Those that change are told at most four times a second.',
  security: [{ session: [] }, { bearer: [] }],
  params: {
    type: 'object',
    properties: { account: { type: 'string', maxLength: 128 } },
    required: ['account'],
  },
  response: {
    200: { description: 'Events.', content: { 'text/event-stream': { schema: {} } } },
    '4xx': { description: 'Why not.', $ref: 'Problem#' },
  },
} as const;

type Ports = Pick<HttpPorts, 'state' | 'transfers' | 'watch' | 'clock' | 'settings' | 'log'>;

/** Live progress; for the account that is signed in. */
export function eventRoutes(
  api: Api,
  ports: Ports,
  { sessions, streams }: { readonly sessions: Sessions; readonly streams: EventStreams },
): void {
  const url = '/v1/accounts/:account/events';
  api.get(url, { schema: EVENTS, exposeHeadRoute: false }, (request, reply) => {
    const { account } = request.params;
    const lifeMs = sessions.expiresAt('session', request) - ports.clock.wallclock();
    const stream = streams.open(reply, account, lifeMs);
    const changes = new Changes(ports, account, stream);
    stream.onClose(() => changes.close());
    return reply;
  });
}

/** Gathers what changed, and tells it. */
class Changes {
  readonly #ports: Ports;
  readonly #account: string;
  readonly #stream: EventStream;
  readonly #stop: () => void;
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: Ports, account: string, stream: EventStream) {
    this.#ports = ports;
    this.#account = account;
    this.#stream = stream;
    this.#stop = ports.watch.listen((transfer, removedFrom) => this.#note(transfer, removedFrom));
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#timer);
  }

  #note(transfer: string, removedFrom: string | undefined): void {
    if (removedFrom === this.#account) this.#stream.send('removed', { id: transfer });
    // A live one of somebody else is not worth a look into the store.
    const account = this.#ports.transfers.liveRecord(transfer)?.account ?? this.#account;
    if (removedFrom !== undefined || account !== this.#account) return;
    this.#changed.add(transfer);
    this.#timer ??= setTimeout(() => void this.#tell(), GATHER_MS);
  }

  async #tell(): Promise<void> {
    this.#timer = undefined;
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const id of changed)
      await this.#tellOne(id).catch((cause: unknown) =>
        this.#ports.log.warn('http.event-lost', { transfer: id, cause: String(cause) }),
      );
  }

  async #tellOne(id: string): Promise<void> {
    const { transfers, state, settings } = this.#ports;
    const record = transfers.liveRecord(id) ?? (await state.transfer(id));
    if (record?.account !== this.#account || record.deletedAt !== undefined) return;
    this.#stream.send('transfer', transferView(record, settings.shown));
  }
}
