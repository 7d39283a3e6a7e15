// The session ends by time or, with no live connection, for want of use: two minutes before we ask.
// While a dialog is open a session that only lacks use is kept, so that nothing typed is lost.
import { signal } from '@preact/signals';
import { hooks } from '../../http.js';
import { everySecond, serverNow } from '../clock.js';
import { isLive } from '../feed/connection.js';
import { expired, refreshMe, renewing, sessionEnd, user } from '../session.js';

const WARN_MS = 120_000;
const MARGIN_MS = 60_000; // the server notes use once a minute
const AGAIN_MS = 30_000;
export const ending = signal(null); // {why: 'idle' | 'time', at}
let usedAt = Date.now();
let keptAt = 0;

const answering = () =>
  [...document.querySelectorAll('dialog[open]')].some((dialog) => !dialog.classList.contains('ending'));

// The time that is left of the session without any use, in ms of the server's clock.
function ends() {
  const idle = usedAt + sessionEnd.value.idleSeconds * 1000 - MARGIN_MS + (serverNow() - Date.now());
  const time = Date.parse(sessionEnd.value.endsAt);
  return idle < time ? { why: 'idle', at: idle } : { why: 'time', at: time };
}

async function keep() {
  if (Date.now() - keptAt < AGAIN_MS) return;
  keptAt = Date.now();
  await refreshMe().catch(() => {}); // a dead session shows itself as expired; a lost network later
}

function look() {
  if (!user.value || expired.value || !sessionEnd.value) return void (ending.value = null);
  if (isLive()) usedAt = Date.now(); // an open connection counts as use
  const end = ends();
  const left = end.at - serverNow();
  if (left > WARN_MS) return void (ending.value = null);
  if (end.why === 'time' && left <= 0) return void (expired.value = true);
  if (answering()) return void (end.why === 'idle' && keep());
  if (ending.value?.why !== end.why) ending.value = end;
  return undefined;
}

// Use keeps an unused session; one whose time is over needs the password again.
export async function goOn() {
  const { why } = ending.value;
  ending.value = null;
  if (why === 'time') [renewing.value, expired.value] = [true, true];
  else await refreshMe().catch(() => {}); // as above
}

export function watchSession() {
  hooks.used = () => {
    usedAt = Date.now();
  };
  everySecond(look);
}
