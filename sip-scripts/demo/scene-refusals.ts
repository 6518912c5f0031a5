import { refusalOf, requestStorage } from '../in-call.ts';
import type { Show } from './show.ts';
import { STORAGE_PASSWORD } from './stage.ts';

/** Two requests the platform must refuse (M5): a wrong password, and more than there is room for. */
export async function playRefusals(show: Show): Promise<void> {
  await wrongPassword(show);
  await noSpace(show);
}

async function wrongPassword({ stage, tell, checks, ends }: Show): Promise<void> {
  tell('bob mistypes his password');
  const bob = stage.party('bob');
  const request = { sender: 'alice', password: '000000' };
  const refusal = await refusalOf(bob, await requestStorage(bob, request, ends[1].call));
  checks.same('a wrong password is refused', 'not-authorized', String(refusal.message['code']));
}

async function noSpace({ stage, tell, checks, ends }: Show): Promise<void> {
  tell('bob asks for more room than he has');
  const bob = stage.party('bob');
  const maxBytes = stage.space * 10;
  const request = { sender: 'alice', password: STORAGE_PASSWORD, maxBytes };
  const { message } = await refusalOf(bob, await requestStorage(bob, request, ends[1].call));
  const { code, free } = message;
  checks.same('a request without room is refused', 'no-space', String(code));
  const known = typeof free === 'number' && free >= 0 && free <= stage.space;
  checks.add('the refusal says how much is free', known, `${String(free)} bytes`);
}
