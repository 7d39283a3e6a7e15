// Joins the live connection to this page: the browser's socket, its events, and who must hear what.
import { signal } from '@preact/signals';
import { count } from '../../values/format.js';
import { get, isBrought } from '../../http.js';
import { Live } from '../../live/live.js';
import { t } from '../../words/index.js';
import { ring } from '../alerts/bell.js';
import { inbox, movesInbox } from '../alerts/inbox.js';
import { unresolved } from '../alerts/unresolved.js';
import { everySecond, second, skewMs } from '../clock.js';
import { markReplay, notice, onFlush, receive, replaceAll } from './feed.js';
import { announce } from './news.js';
import { site } from '../prefs.js';
import { expired, user } from '../session.js';
import { summary } from './summary.js';
import { TAIL, takeTail } from './tail.js';
import { say, toast } from '../toasts.js';

const SUMMARY_EVERY_S = 15;
const AGAIN_MS = 5000;
const BLIP_MS = 3000;

export const conn = signal({ state: 'idle' });
export const tailError = signal(null);
export const newVersion = signal(false); // the server was updated while this page is open
export const caughtUp = signal(null); // the finished replay, for the banner's last two seconds

function open(after) {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return new WebSocket(`${scheme}://${location.host}/live?after=${after}`);
}

function later(ms, run) {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

let begun = 'asked'; // or 'brought': where the first answers came from

async function startAnew() {
  const { events, last } = await takeTail();
  replaceAll(events);
  return last;
}

async function resync(reason, gap) {
  const last = await startAnew();
  notice.value = gap
    ? { key: 'feed.snapshot', values: { n: TAIL, gap: count(gap) } }
    : { key: 'feed.snapshot.plain', values: { n: TAIL } };
  summary.refresh();
  unresolved.refresh();
  return last;
}

function onReplayed(progress) {
  markReplay({ ...progress, lostAt: progress.lostAt + skewMs.value }, Date.now() + skewMs.value);
  caughtUp.value = progress;
  const { total: n, critical: m } = progress;
  say(m ? t('conn.done.critical', { n, m }) : t('conn.done', { n }));
  setTimeout(() => {
    caughtUp.value = null;
  }, 2000);
}

function onChange(next) {
  const before = conn.value.state;
  conn.value = next;
  if (next.state === 'expired' && user.value) expired.value = true;
  // What the document brought is as new as its events, behind which the stream goes on.
  const known = before === 'connecting' && begun === 'brought';
  if (next.state === 'live' && !['live', 'stale'].includes(before) && !known) {
    summary.refresh();
    unresolved.refresh();
  }
}

// Never by itself: the reader may be in the middle of something.
function onVersion(version) {
  if (!version || version === site.version || newVersion.value) return;
  newVersion.value = true;
  toast('warn', t('conn.update.do'));
}

const live = new Live({
  open,
  later,
  resync,
  onReplayed,
  onChange,
  onVersion,
  now: Date.now,
  random: Math.random,
  online: () => navigator.onLine,
  check: () => get('me').catch(() => {}), // a dead session shows itself here as 401
  onEvents: (events, replayed) => receive(events, replayed),
  onMissing: (from, to) => {
    notice.value = { key: 'feed.missing', values: { from: count(from), to: count(to) } };
  },
});

export const reconnect = () => live.retryNow();
export const keepPinging = (on) => {
  live.pinging = on;
};
export const isLive = () => ['live', 'stale', 'replaying'].includes(conn.value.state);

export async function startLive() {
  tailError.value = null;
  if (live.resume()) return;
  begun = isBrought('summary') ? 'brought' : 'asked';
  summary.refresh();
  unresolved.refresh();
  inbox.refresh();
  try {
    live.start(await startAnew());
  } catch (error) {
    tailError.value = error;
    setTimeout(() => tailError.value && startLive(), AGAIN_MS);
  }
}

export const stopLive = (state) => live.stop(state);

const MOVES_FIGURES = /^(order|payment|alert|refund|notify)\./;
// Replayed events are not added up: the end of a replay asks for the figures once.
function onNews(events) {
  const fresh = events.filter((event) => !event.replayed);
  if (fresh.some((event) => MOVES_FIGURES.test(event.kind))) summary.refresh();
  if (fresh.some((event) => event.kind.startsWith('alert.'))) unresolved.refresh();
  if (movesInbox(fresh)) inbox.refresh();
  announce(events);
}

// A cut that lasts; a blip is not told, and flashes no banner.
export function isCut() {
  const { state, lostAt } = conn.value;
  if (['crowded', 'forbidden', 'expired'].includes(state)) return true;
  return ['reconnecting', 'offline'].includes(state) && second.value - skewMs.value - (lostAt ?? 0) > BLIP_MS;
}

let told = false; // that it was cut; a replay tells its end itself
function tellCut() {
  if (!told && isCut() && conn.value.state !== 'expired') say(t('conn.say.lost'));
  else if (told && conn.value.state === 'live' && !caughtUp.value) say(t('conn.say.back'));
  told = isCut() || (told && conn.value.state !== 'live');
}

let seconds = 0;
function onSecond() {
  live.tick();
  tellCut();
  seconds += 1;
  if (isLive() && seconds % SUMMARY_EVERY_S === 0) summary.refresh();
}

// The browser says that there is no network. A socket would notice only much later; but a server on this very computer
// still answers, and then nothing is cut.
const doubt = () => get('me').catch(({ status }) => status === 0 && live.socket && live.reconnect());

export function watchBrowser() {
  everySecond(onSecond);
  onFlush(onNews);
  onFlush(ring);
  addEventListener('online', reconnect);
  addEventListener('offline', doubt);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) reconnect();
  });
}
