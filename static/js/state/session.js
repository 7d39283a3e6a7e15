// Who is signed in, and what that role may do. The server enforces it; here it only hides buttons.
import { signal } from '@preact/signals';
import { get, hooks, post, rememberXsrf } from '../http.js';
import { go, params, path } from '../router.js';

export const user = signal(null);
export const expired = signal(false); // signed out while a page is open: the page stays
export const bootError = signal(null);

const STAFF = ['support', 'admin'];
const ADMIN = ['admin'];
const MAY = {
  acknowledge: STAFF,
  note: STAFF,
  serve: STAFF,
  query: STAFF,
  requestRefund: STAFF,
  export: STAFF,
  resolve: ADMIN,
  reopen: ADMIN,
  assign: ADMIN,
  close: ADMIN,
  refund: ADMIN,
  decideRefund: ADMIN,
  decideReceipt: ADMIN,
  unmask: ADMIN,
  replay: ADMIN,
  simulate: ADMIN,
};
export const may = (action) => (MAY[action] ?? []).includes(user.value?.role);
export const home = () => (user.value?.role === 'support' ? '/orders' : '/');

function welcome({ user: who, xsrf }) {
  rememberXsrf(xsrf);
  user.value = who;
  expired.value = false;
}

export async function boot() {
  bootError.value = null;
  try {
    welcome(await get('me'));
    if (path.value === '/login') go(home(), { replace: true });
  } catch (error) {
    if (error.status === 401) toLogin();
    else bootError.value = error;
  }
}

function toLogin() {
  if (path.value === '/login') return;
  const back = location.pathname + location.search;
  go(back === '/' ? '/login' : `/login?next=${encodeURIComponent(back)}`, { replace: true });
}

export async function login(credentials) {
  welcome(await post('login', credentials));
  if (path.value === '/login') go(nextPage(), { replace: true });
}

// Only a path of this site, and never the login page again.
function nextPage() {
  const next = params.value.get('next') || '';
  return /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : home();
}

export async function logout() {
  await post('logout').catch(() => {}); // an ended session is what we want
  location.assign('/login'); // a fresh document, so nothing of this user stays in memory
}

hooks.expired = () => {
  if (user.value) expired.value = true;
};
