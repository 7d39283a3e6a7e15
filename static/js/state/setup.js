// The first set-up: is it due, the first admin, and what the server finds about its own installation.
import { signal } from '@preact/signals';
import { get, post } from '../http.js';
import { loader } from './loader.js';
import { refreshMe, user } from './session.js';

export const due = signal(null); // null until the server has said
export const dueError = signal(null);
export const checkup = loader(() => get('checkup'));

export async function askDue() {
  dueError.value = null;
  try {
    await get('setup');
    due.value = true;
  } catch (problem) {
    if (problem.status === 404) due.value = false;
    else dueError.value = problem;
  }
}

export async function createAdmin({ token, name, password }) {
  await post('setup', { token, name, password });
  await refreshMe();
}

// The last four steps, for whom the server lets see them.
export const mayCheck = () => user.value?.role === 'admin';
