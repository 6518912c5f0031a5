import { ClientDialog, type SipClient } from './sip-client.ts';
import type { Bench, Framework, Leg } from './sip-server.ts';
import { ANSWER, OFFER } from './sdp.ts';
import type { SipText } from './sip-text.ts';

/** What the application has of a call. */
export interface Legs {
  readonly uas: Leg;
  readonly uac: Leg;
}

/** An application that connects every INVITE to the phone that its user names. */
export class Switchboard {
  /** Phones by user name; looked up when the INVITE comes. */
  readonly #phones = new Map<string, SipClient>();
  /** Who wants the next call that comes. */
  readonly #wanting: ((legs: Promise<Legs>) => void)[] = [];

  attach(srf: Framework): void {
    srf.invite((request, response) => {
      const user = /sip:([^@]+)@/.exec(request.uri)?.[1] ?? '';
      const contact = this.#phones.get(user)?.contact ?? '';
      const legs = srf.createB2BUA(request, response, contact, { localSdpB: request.body });
      // A call that fails is some tests' wish; those that want it await it.
      legs.catch(() => {});
      this.#wanting.shift()?.(legs);
    });
  }

  register(phone: SipClient): void {
    this.#phones.set(phone.user, phone);
  }

  /** The next call that comes, when both legs are up. Ask before the INVITE is sent. */
  next(): Promise<Legs> {
    return new Promise((resolve, reject) => {
      this.#wanting.push((legs) => {
        legs.then(resolve, reject);
      });
    });
  }
}

export interface EstablishedCall {
  readonly caller: SipClient;
  readonly callee: SipClient;
  readonly callerSide: ClientDialog;
  readonly calleeSide: ClientDialog;
  readonly legs: Legs;
  /** The INVITE as the callee got it. */
  readonly invite: SipText;
  /** The 200 as the caller got it. */
  readonly answered: SipText;
}

/** Two phones in a call through the application, every message exchanged. */
export async function establish(
  phones: { readonly caller: SipClient; readonly callee: SipClient },
  board: Switchboard,
): Promise<EstablishedCall> {
  const { caller, callee } = phones;
  board.register(callee);
  const made = board.next();
  const acknowledged = made.then(
    ({ uas }) => new Promise<void>((resolve) => uas.once('ack', () => resolve())),
  );
  caller.send(
    caller.outside('INVITE', callee.user, {
      headers: ['Content-Type: application/sdp'],
      body: OFFER,
    }).text,
  );
  const invite = await callee.request('INVITE');
  callee.answer(invite, '180 Ringing');
  await caller.response(180);
  callee.answer(invite, '200 OK', { body: ANSWER });
  const answered = await caller.response(200, 'INVITE');
  const callerSide = ClientDialog.ofCaller(caller, answered);
  callerSide.ack(answered);
  await callee.request('ACK');
  const legs = await made;
  await acknowledged;
  const calleeSide = ClientDialog.ofCallee(callee, invite);
  return { caller, callee, callerSide, calleeSide, legs, invite, answered };
}

/** The same over UDP, with phones of its own. */
export async function udpCall(bench: Bench, board: Switchboard): Promise<EstablishedCall> {
  const [caller, callee] = [await bench.udp('alice'), await bench.udp('bob')];
  return establish({ caller, callee }, board);
}
