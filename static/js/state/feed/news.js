// The announcements of the stream for a screen reader: critical at once, the rest in a calm sum.
import { kindWord } from '../../sentences/explain.js';
import { t } from '../../words/index.js';
import { isAlertNews } from '../../live/fold.js';
import { alarm, say } from '../toasts.js';

const POLITE_MS = 10000;
const URGENT_MS = 5000;
let counted = { n: 0, critical: 0 };
let urgent = [];
let politeTimer = null;
let urgentTimer = null;

function speakPolitely() {
  politeTimer = null;
  const { n, critical: m } = counted;
  counted = { n: 0, critical: 0 };
  if (n) say(m ? t('feed.say.critical', { n, m }) : t('feed.say', { n }));
}

function speakUrgently() {
  urgentTimer = null;
  if (!urgent.length) return;
  const text =
    urgent.length === 1 ? t('alerts.say.critical', { what: urgent[0] }) : t('alerts.say.more', { n: urgent.length });
  urgent = [];
  alarm(text);
  urgentTimer = setTimeout(speakUrgently, URGENT_MS);
}

// Replayed events are summed up by the connection, not read out one by one.
export function announce(events) {
  const fresh = events.filter((event) => !event.replayed);
  if (!fresh.length) return;
  // Once a case: that it happened again is counted, not called out.
  const critical = fresh.filter(
    (event) => isAlertNews(event) && event.kind !== 'alert.repeated' && event.severity === 'critical',
  );
  counted = { n: counted.n + fresh.length, critical: counted.critical + critical.length };
  // A case speaks once; that it came again is counted.
  urgent.push(
    ...critical
      .filter((event) => event.kind !== 'alert.repeated')
      .map((event) => `${kindWord(event.data?.alertKind)} ${event.orderNum ?? ''}`),
  );
  politeTimer ??= setTimeout(speakPolitely, POLITE_MS);
  if (urgent.length && urgentTimer === null) speakUrgently();
}
