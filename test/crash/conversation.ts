import {
  acceptOfferAndReceive,
  acceptPromptAndSendAudio,
  acceptPromptAndSendFile,
  endOfData,
  type Sending,
} from '../../sip-scripts/in-call.ts';
import type { InCallParty, Received } from '../../sip-scripts/in-call-party.ts';
import type { Book, Entry } from './book.ts';
import type { TransferPlan, User } from './plan.ts';

export const PIN = '274815';

/** A call with a party at each end. */
export interface Line {
  readonly parties: Readonly<Record<User, InCallParty>>;
  /** What each phone calls the call. */
  readonly calls: Readonly<Record<User, string>>;
  readonly book: Book;
}

export interface Order {
  readonly plan: TransferPlan;
  /** What is sent. */
  readonly file: string;
  /** Where the receiver puts what it gets. */
  readonly received: string;
}

const other = (user: User): User => (user === 'alice' ? 'bob' : 'alice');

/** Plays one transfer from its request to its last word. Rejects when the platform goes away meanwhile. */
export async function converse(line: Line, order: Order): Promise<void> {
  const { plan, file } = order;
  const receiver = line.parties[other(plan.sender)];
  const call = line.calls[other(plan.sender)];
  const request = { sender: plan.sender, password: PIN, threshold: { percent: 20 } };
  const asked = await receiver.ask('storage-request', request, call);
  const transfer = String(asked.message.transfer);
  const entry = line.book.open(transfer, plan, file);
  const prompt = await line.parties[plan.sender].nextOf('storage-prompt', transfer);
  const sending = await send(line, order, prompt);
  const taken = receive(line, order, { transfer, entry });
  taken.catch(() => {});
  await finish(line, plan, sending);
  await taken;
}

function send(line: Line, { plan, file }: Order, prompt: Received): Promise<Sending> {
  const sender = line.parties[plan.sender];
  if (plan.kind === 'stream')
    return acceptPromptAndSendAudio(sender, prompt, { path: file, seconds: plan.seconds });
  const { rate } = plan;
  return acceptPromptAndSendFile(sender, prompt, { path: file, format: 'image/jpeg', rate });
}

async function finish({ parties, calls }: Line, plan: TransferPlan, sending: Sending) {
  await sending.sentAll;
  if (plan.kind === 'stream') await endOfData(parties[plan.sender], sending, calls[plan.sender]);
  await parties[plan.sender].nextOf('transfer-complete', sending.transfer);
}

async function receive(
  line: Line,
  { plan, received }: Order,
  { transfer, entry }: { readonly transfer: string; readonly entry: Entry },
): Promise<void> {
  const user = other(plan.sender);
  const receiver = line.parties[user];
  const call = line.calls[user];
  if (plan.receiver === 'cancels') {
    entry.isCancelled = true;
    await receiver.send('cancel', { transfer }, call);
  }
  const isTaken = plan.receiver === 'takes' || plan.receiver === 'takes-and-deletes';
  if (isTaken) {
    const offer = await receiver.nextOf('receive-offer', transfer);
    const kind = plan.kind === 'stream' ? 'audio' : 'file';
    await acceptOfferAndReceive(receiver, offer, { kind, path: received, password: PIN });
  }
  await receiver.nextOf('transfer-complete', transfer);
  if (plan.receiver !== 'takes-and-deletes') return;
  entry.isDeleting = true;
  await receiver.ask('delete-request', { transfer, password: PIN }, call);
}
