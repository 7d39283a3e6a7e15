// The signed-in user, and the permissions of the role. The server enforces it; here it only hides buttons.
import { batch, signal } from '@preact/signals';
import { get, hooks, post, rememberXsrf } from '../http.js';
import { params, path } from '../router.js';
import { hooks as choices, takePreferences } from './prefs.js';

export const user = signal(null);
export const expired = signal(false); // signed out while a page is open: the page stays
export const renewing = signal(false); // signing in again before the session is over, by the reader's wish
export const bootError = signal(null);
export const owes = signal(null); // 'password' or 'totp': what must be done before anything else answers
export const sessionEnd = signal(null); // {endsAt, idleSeconds}

const STAFF = ['support', 'admin'];
const ADMIN = ['admin'];
const MAY = {
  acknowledge: STAFF,
  note: STAFF,
  serve: STAFF,
  query: STAFF,
  fetchBill: STAFF,
  requestRefund: STAFF,
  export: STAFF,
  resolve: ADMIN,
  reopen: ADMIN,
  assign: ADMIN,
  close: ADMIN,
  refund: ADMIN,
  decideRefund: ADMIN,
  enterRefund: ADMIN,
  decideReceipt: ADMIN,
  unmask: ADMIN,
  replay: ADMIN,
  simulate: ADMIN,
};
export const may = (action) => (MAY[action] ?? []).includes(user.value?.role);
const homeOf = (who) => (who?.role === 'support' ? '/orders' : '/');
export const home = () => homeOf(user.value);

function welcome({ user: who, xsrf, owes: owed, session, preferences }) {
  rememberXsrf(xsrf);
  // At once, so that nobody sees a user without what they owe.
  batch(() => {
    [user.value, owes.value, sessionEnd.value, expired.value, renewing.value] = [who, owed, session, false, false];
  });
  takePreferences(preferences);
}

// Asks for the signed-in user; counts as use of the session.
export const refreshMe = async () => welcome(await get('me'));

export async function boot() {
  bootError.value = null;
  try {
    await refreshMe();
    if (path.value === '/login') location.replace(home());
  } catch (error) {
    if (error.status !== 401) bootError.value = error;
    else if (path.value !== '/setup') toLogin();
  }
}

// The sign-in page is a document of its own, with a script of its own.
function toLogin() {
  if (path.value === '/login') return;
  const back = location.pathname + location.search;
  location.replace(back === '/' ? '/login' : `/login?next=${encodeURIComponent(back)}`);
}

export async function login(credentials) {
  rememberXsrf(''); // that of an ended session is not asked for; signing in needs none
  const { user: who } = await post('login', credentials);
  if (path.value === '/login') location.replace(nextPage(who));
  else await refreshMe();
}

// Only a path of this site, and never the login page again.
function nextPage(who) {
  const next = params.value.get('next') || '';
  return /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : homeOf(who);
}

export async function logout() {
  await post('logout').catch(() => {}); // an ended session is what we want
  location.assign('/login'); // a fresh document, so nothing of this user stays in memory
}

hooks.expired = () => {
  if (user.value) expired.value = true;
};
hooks.owes = () => {
  if (!owes.value) boot();
};
// A choice that does not reach the profile is still remembered by this browser.
choices.chose = (name, value) =>
  user.value && !expired.value && post('me/preferences', { [name]: value }).catch(() => {});
