// The users of the console, newest first, and what an admin does to one; each deed may ask for the password.
import { computed, signal } from '@preact/signals';
import { get, post, query } from '../../http.js';
import { confirmed } from './confirm-password.js';

const PAGE = 50;
export const ROLES = ['admin', 'support', 'viewer'];
const page = signal({ list: null, next: null });
export const team = computed(() => page.value.list);
export const hasMore = computed(() => Boolean(page.value.next));
export const error = signal(null);
export const busy = signal(false);

async function load({ before = '', known = [] } = {}) {
  [busy.value, error.value] = [true, null];
  try {
    const { users, next } = await get(`users?${query({ before, limit: PAGE })}`);
    page.value = { list: [...known, ...users], next };
  } catch (problem) {
    error.value = problem;
  } finally {
    busy.value = false;
  }
}

export const loadTeam = () => load();
export const loadMore = () => load({ before: page.value.next, known: team.value });

function keep(user) {
  const known = team.value.some(({ name }) => name === user.name);
  const list = known ? team.value.map((entry) => (entry.name === user.name ? user : entry)) : [user, ...team.value];
  page.value = { ...page.value, list };
}

// The server's answer, or null when the reader closed the question for the password.
async function deed(path, body) {
  const answer = await confirmed(() => post(path, body));
  if (answer) keep(answer.user);
  return answer;
}

export const createUser = ({ name, role, password }) => deed('users', { name, role, password: password || null });
export const changeUser = (name, what, body = {}) => deed(`users/${encodeURIComponent(name)}/${what}`, body);
