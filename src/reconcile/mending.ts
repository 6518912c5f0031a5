import type { Clock } from '../base/clock.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { StateStore } from '../state/state-store.ts';
import type { RecordedObject, TransferRecord } from '../transfers/record.ts';
import type { Recorder } from '../transfers/recorder.ts';
import { removeTransfer } from '../transfers/removal.ts';
import { isOver } from '../transfers/tables.ts';
import type { Finding, Mend } from './findings.ts';
import { metadataKey, metadataOf, withObject } from './rebuilt-record.ts';

export interface MendingPorts {
  readonly state: StateStore;
  readonly objects: ObjectStore;
  readonly recorder: Pick<Recorder, 'record' | 'discardSpool' | 'removeObject'>;
  readonly clock: Pick<Clock, 'wallclock'>;
  /** Takes an open transfer up, as after a start; only in a running platform. */
  readonly takeUp?: (record: TransferRecord) => Promise<void>;
}

type Do = Mend['do'];
type Mender<D extends Do> = (mend: Extract<Mend, { do: D }>, of: Finding) => Promise<boolean>;

/** Puts right what was found. Each mend may be done again, and says no when things changed meanwhile. */
export class Mending {
  readonly #ports: MendingPorts;
  readonly #menders: { readonly [D in Do]: Mender<D> } = {
    nothing: () => Promise.resolve(false),
    recount: (_mend, { account }) => this.#done((state) => state.recountSpace(account)),
    hold: ({ bytes }, of) => this.#hold(of.account, transferOf(of), bytes),
    release: (_mend, of) => this.#done((state) => state.releaseSpace(of.account, transferOf(of))),
    relist: ({ record }) => this.#done((state) => state.relist(record)),
    unlist: ({ listed }, { account }) => this.#done((state) => state.unlist(account, listed)),
    end: ({ record, as }) => this.#end(record, as),
    remove: (_mend, of) => this.#remove(transferOf(of)),
    attach: ({ record, object }) => this.#attach(record, object),
    record: ({ record }) => this.#record(record),
    lose: ({ record, object }) => this.#lose(record, object),
    'make-again': ({ record }) => this.#makeAgain(record),
    'take-up': ({ record }) => this.#takeUp(record),
    describe: ({ record, object }) => this.#describe(record, object),
    'drop-object': ({ key }) => this.#dropObject(key),
    'drop-spool': (_mend, of) => this.#dropSpool(transferOf(of)),
  };

  constructor(ports: MendingPorts) {
    this.#ports = ports;
  }

  /** @returns whether it is right now. @throws MidcallError `storage-unavailable`. */
  mend(finding: Finding): Promise<boolean> {
    const mender = this.#menders[finding.mend.do] as Mender<Do>;
    return mender(finding.mend, finding);
  }

  async #done(work: (state: StateStore) => Promise<unknown>): Promise<boolean> {
    await work(this.#ports.state);
    return true;
  }

  /** Should the transfer have been removed at that moment, nobody else would give the space back. */
  async #hold(account: string, transfer: string, bytes: number): Promise<boolean> {
    const { state } = this.#ports;
    await state.resizeSpace(account, transfer, bytes, 'settle');
    const record = await state.transfer(transfer);
    const isRemoved = record === undefined || record.deletedAt !== undefined;
    if (isRemoved) await state.releaseSpace(account, transfer);
    return true;
  }

  /** The space after the record: who else might end it would settle it first. */
  async #end(record: TransferRecord, as: 'expired' | 'failed'): Promise<boolean> {
    const reason = as === 'expired' ? 'prompt-expired' : 'storage-unavailable';
    const delivery = isOver(record.delivery) ? record.delivery : 'left';
    const isPut = await this.#change(record, { ingest: as, delivery, reason });
    if (isPut) await this.#ports.state.releaseSpace(record.account, record.id);
    return isPut;
  }

  async #remove(transfer: string): Promise<boolean> {
    const { state, recorder, clock } = this.#ports;
    await removeTransfer({ store: state, recorder, clock }, transfer);
    return true;
  }

  async #attach(record: TransferRecord, object: RecordedObject): Promise<boolean> {
    const { state, objects, clock } = this.#ports;
    if ((await objects.stat(object.key))?.size !== object.size) return false;
    const next = withObject(record, object, clock.wallclock());
    const isKnown = (await state.transfer(record.id)) !== undefined;
    const version = isKnown ? record.version + 1 : 1;
    if (!(await state.putTransfer({ ...next, version }))) return false;
    return this.#hold(record.account, record.id, object.size);
  }

  async #record(record: TransferRecord): Promise<boolean> {
    const { state, takeUp } = this.#ports;
    if (!(await state.putTransfer(record))) return false;
    await state.resizeSpace(record.account, record.id, record.capacity, 'settle');
    await takeUp?.(record);
    return true;
  }

  /** Asked for once more: a listing may have been of another time, and the space is given away now. */
  async #lose(record: TransferRecord, object: RecordedObject): Promise<boolean> {
    const { state, objects } = this.#ports;
    if ((await objects.stat(object.key)) !== undefined) return false;
    const { object: _lost, ...rest } = record;
    const isPut = await this.#put({ ...rest, lostObject: object, reason: 'storage-unavailable' });
    if (isPut) await state.releaseSpace(record.account, record.id);
    return isPut;
  }

  async #makeAgain(record: TransferRecord): Promise<boolean> {
    const object = await this.#ports.recorder.record(record.id, record.account);
    if (object === undefined) return false;
    const isSame = object.key === record.object?.key && object.size === record.object.size;
    return isSame ? true : this.#attach(record, object);
  }

  async #takeUp(record: TransferRecord): Promise<boolean> {
    const { takeUp } = this.#ports;
    await takeUp?.(record);
    return takeUp !== undefined;
  }

  async #describe(record: TransferRecord, object: RecordedObject): Promise<boolean> {
    const bytes = Buffer.from(`${JSON.stringify(metadataOf(record, object), undefined, 2)}\n`);
    const about = { contentType: 'application/json' };
    await this.#ports.objects.put(metadataKey(object.key), once(bytes), about);
    return true;
  }

  async #dropObject(key: string): Promise<boolean> {
    await this.#ports.objects.remove(key);
    return true;
  }

  async #dropSpool(transfer: string): Promise<boolean> {
    await this.#ports.recorder.discardSpool(transfer);
    return true;
  }

  #change(record: TransferRecord, change: Partial<TransferRecord>): Promise<boolean> {
    return this.#put({ ...record, ...change });
  }

  #put(record: TransferRecord): Promise<boolean> {
    const { state, clock } = this.#ports;
    const version = record.version + 1;
    return state.putTransfer({ ...record, version, changedAt: clock.wallclock() });
  }
}

/** All findings but that of a sum are about a transfer. */
const transferOf = ({ transfer = '' }: Finding): string => transfer;

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes);
}
