// The reader's own account: password, second factor, open sessions.
import { signal } from '@preact/signals';
import { get, post } from '../../http.js';
import { confirmed } from './confirm-password.js';
import { loader } from '../loader.js';
import { refreshMe } from '../session.js';

export const sessions = loader(async () => (await get('me/sessions')).sessions);
export const factor = loader(async () => (await get('me/totp')).totp);

export async function changePassword(old, next) {
  await post('me/password', { old, new: next });
  await refreshMe();
}

export async function endOthers() {
  sessions.data.value = (await post('me/sessions/end-others')).sessions;
}

// {secret, address, picture}, shown once; null when the reader closed the question for the password.
export const beginFactor = () => confirmed(() => post('me/totp'));
export const recovery = signal(null); // the ten codes, until the reader has kept them

export async function enableFactor(code) {
  const answer = await confirmed(() => post('me/totp/enable', { code }));
  if (answer) recovery.value = answer.recoveryCodes;
  return answer;
}

export async function keptCodes() {
  recovery.value = null;
  factor.now();
  await refreshMe();
}

export async function disableFactor(code, password) {
  factor.data.value = (await post('me/totp/disable', { code, password })).totp;
}
