import { Account, ask, Refusal } from './api.ts';
import { BoxView } from './box-view.ts';
import { byId } from './elements.ts';

const signIn = byId('sign-in', HTMLElement);
const box = byId('box', HTMLElement);
const signOut = byId('sign-out', HTMLButtonElement);
const who = byId('who', HTMLElement);
const error = byId('sign-in-error', HTMLElement);
const form = byId('sign-in-form', HTMLFormElement);
const number = byId('number', HTMLInputElement);
const password = byId('password', HTMLInputElement);

/** Somebody signed in here and did not sign out. */
const NOTE = 'midcall-signed-in';

let view: BoxView | undefined;

/** @param why it is asked for, when it was not the beginning. */
function showSignIn(why = ''): void {
  view?.close();
  view = undefined;
  localStorage.removeItem(NOTE);
  box.hidden = true;
  signOut.hidden = true;
  who.textContent = '';
  signIn.hidden = false;
  error.textContent = why;
  (number.value === '' ? number : password).focus();
}

function showBox(account: string): void {
  signIn.hidden = true;
  box.hidden = false;
  signOut.hidden = false;
  who.textContent = account;
  view = new BoxView(new Account(account), () =>
    showSignIn('Your session is over. Sign in again.'),
  );
}

async function submit(): Promise<void> {
  error.textContent = '';
  try {
    await ask('POST', '/v1/sessions', { number: number.value, password: password.value });
    password.value = '';
    await resume();
  } catch (cause) {
    error.textContent = reasonOf(cause);
    password.select();
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Refusal)) return 'The platform can’t be reached.';
  if (cause.code === 'too-many-attempts') return 'Too many attempts. Try again in a few minutes.';
  return cause.status === 403 ? 'The number or the storage password is wrong.' : cause.message;
}

/** Whoever is signed in already stays so. */
async function resume(): Promise<void> {
  const { account } = (await ask('GET', '/v1/session')) as { readonly account: string };
  localStorage.setItem(NOTE, 'yes');
  showBox(account);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void submit();
});
signOut.addEventListener('click', () => {
  void ask('DELETE', '/v1/session').finally(() => showSignIn());
});
// No script can read the cookie. Without this note each first visit would begin with a refusal.
if (localStorage.getItem(NOTE) === null) showSignIn();
else void resume().catch(() => showSignIn());
