import type { Dialog } from './dialog.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { agreeAsClient, type SessionAgreement } from './session-agreement.ts';
import { outcomeOf, refreshRequest, type Outcome } from './session-refresh.ts';
import { minSeOf } from './session-expires.ts';
import { SessionTimer } from './session-timer.ts';
import type { Stack } from './stack.ts';

/** drachtio-server's words for a peer that stopped refreshing. */
const EXPIRED = 'Session timer expired';

/** While another change of the session is under way, ms. */
const BUSY_MS = 10_000;

/** After two INVITEs met, in units of 10 ms: 2.1 to 4 s for the owner of the Call-ID, 0 to 2 s for the other (RFC 3261 §14.1). */
const GLARE = { unitMs: 10, owner: { min: 210, span: 190 }, other: { min: 0, span: 200 } } as const;

/** What keeping a session alive needs of the user agent client. */
export interface SessionClient {
  /** Sends a request of the server's own. @returns false when it can't be sent. */
  refresh(
    dialog: Dialog,
    given: SipRequest,
    done: (sent: SipRequest, answer: SipResponse) => void,
  ): boolean;
  bye(dialog: Dialog, text: string): void;
}

/** Session timers (RFC 4028): refreshes in time what is ours to refresh, ends what nobody refreshed. */
export class Sessions {
  readonly #stack: Stack;
  readonly #client: SessionClient;

  constructor(stack: Stack, client: SessionClient) {
    this.#stack = stack;
    this.#client = client;
  }

  /** A 2xx to INVITE or UPDATE was sent or received: what it says replaces what was agreed before, even nothing. */
  agree(dialog: Dialog, agreement: SessionAgreement | undefined): void {
    if (!dialog.confirmed) return;
    dialog.session?.stop();
    dialog.session =
      agreement === undefined
        ? undefined
        : new SessionTimer(this.#stack.env, agreement, {
            refresh: () => this.#refresh(dialog),
            expired: () => this.#over(dialog),
          });
  }

  /** An INVITE that is under way refreshes as well as ours would; two at once may not be (RFC 3261 §14.1). */
  #refresh(dialog: Dialog): void {
    const running = dialog.session;
    if (running === undefined) return;
    if (dialog.busy) return running.again(BUSY_MS);
    const given = refreshRequest(dialog, running.agreement);
    const sent = this.#client.refresh(dialog, given, (request, answer) =>
      this.#answered(dialog, request, answer),
    );
    if (!sent) running.later();
  }

  #answered(dialog: Dialog, request: SipRequest, answer: SipResponse): void {
    const running = dialog.session;
    if (running === undefined || this.#stack.dialogs.find(dialog) !== dialog) return;
    const act: Readonly<Record<Outcome, () => void>> = {
      refreshed: () => this.#refreshed(dialog, request, answer),
      over: () => this.#over(dialog),
      longer: () => this.#longer(dialog, running.agreement, answer),
      'by-invite': () => {
        dialog.takesUpdate = false;
        this.#refresh(dialog);
      },
      glare: () => running.again(this.#glareMs(dialog)),
      there: () => this.agree(dialog, running.agreement),
      later: () => running.later(),
    };
    act[outcomeOf(request.method, answer.status)]();
  }

  #refreshed(dialog: Dialog, request: SipRequest, answer: SipResponse): void {
    this.#stack.env.count('sessions-refreshed');
    this.agree(dialog, agreeAsClient(request, answer));
  }

  /** 422: at once again, with the time that the peer asks for (RFC 4028 §7.3). */
  #longer(dialog: Dialog, { seconds, refresher }: SessionAgreement, answer: SipResponse): void {
    const least = minSeOf(answer.headers);
    if (least <= seconds) return dialog.session?.later();
    dialog.wantsAtLeast(least);
    this.agree(dialog, { seconds: least, refresher });
    this.#refresh(dialog);
  }

  #over(dialog: Dialog): void {
    this.#stack.env.count('sessions-expired');
    this.#client.bye(dialog, EXPIRED);
  }

  #glareMs({ ownsCallId }: Dialog): number {
    const { min, span } = ownsCallId ? GLARE.owner : GLARE.other;
    return (min + this.#stack.env.newNumber(span)) * GLARE.unitMs;
  }
}
