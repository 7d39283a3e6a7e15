// The password once more: the server asks for it before money moves, if it was not given lately.
import { signal } from '@preact/signals';
import { post } from '../../http.js';

export const asking = signal(null); // while the dialog is open: what to call with true or false
let answer = null;

function ask() {
  answer ??= new Promise((resolve) => {
    asking.value = (given) => {
      [answer, asking.value] = [null, null];
      resolve(given);
    };
  });
  return answer;
}

// Sends a deed; asks for the password where the server wants it, and sends the deed again.
// Null when the reader closed the question: nothing was done then.
export async function confirmed(send) {
  try {
    return await send();
  } catch (error) {
    if (error.code !== 'confirm_password') throw error;
  }
  return (await ask()) ? send() : null;
}

export async function givePassword(password) {
  await post('confirm', { password });
  asking.value?.(true);
}
