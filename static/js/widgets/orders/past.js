// The order as it was at a moment: what its events up to then tell. Nothing can be done here.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { dayTime, fullTime, isoTime } from '../../values/format.js';
import { get } from '../../http.js';
import { Icon } from '../../icons.js';
import { go, orderPath, pastPath } from '../../router.js';
import { serverNow } from '../../state/clock.js';
import { loader } from '../../state/loader.js';
import { t } from '../../words/index.js';
import { Empty, Failed, Loading } from '../parts/states.js';
import { Where } from './answer.js';
import { Money } from './money.js';
import { Notes, Notifies, OrderAlerts, OrderHead } from './parts.js';
import { PrintFoot } from './print-foot.js';
import { Steps } from './steps.js';
import { OrderTimeline } from './timeline.js';

// The moments at which something was told, in their order, each once.
const momentsOf = (timeline) => [...new Set(timeline.map(({ at }) => at))].sort();

// From now, one step back is to before the newest event.
export function stepsFrom(timeline, moment) {
  const moments = momentsOf(timeline);
  const here = moment ? Date.parse(moment) : Infinity;
  const earlier = moments.filter((at) => Date.parse(at) < here);
  return {
    earlier: moment ? earlier.at(-1) : earlier.at(-2),
    later: moments.find((at) => Date.parse(at) > here),
  };
}

// A second that somebody chose is meant to its end; what is not over yet is now.
function show(num, text) {
  const moment = `${text.length === 16 ? `${text}:59` : text}.999+08:00`;
  go(pastPath(num, Date.parse(moment) < serverNow() ? moment : ''));
}

function Choose({ num, moment }) {
  const at = isoTime(moment ?? serverNow()).slice(0, 19);
  const [text, setText] = useState(at);
  const choose = (event) => {
    event.preventDefault();
    if (text) show(num, text);
  };
  return html`
    <form class="past-choose" onSubmit=${choose}>
      <label class="small" for="past-at">${t('past.at')}</label>
      <input
        id="past-at"
        type="datetime-local"
        class="select"
        step="1"
        value=${text}
        max=${isoTime(serverNow()).slice(0, 19)}
        onInput=${(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="btn small">${t('past.show')}</button>
    </form>
  `;
}

const titleOf = (moment) => t('past.title', { time: fullTime(moment).slice(0, 26) });

export function PastBar({ num, moment, timeline }) {
  const { earlier, later } = stepsFrom(timeline, moment);
  const step = (at, icon, words, key) => html`
    <button
      type="button"
      class="btn icon"
      aria-label=${t(words)}
      title="${t(words)} ${key}"
      disabled=${!at}
      onClick=${() => go(pastPath(num, at))}
    >
      <${Icon} name=${icon} />
    </button>
  `;
  return html`
    <div class="banner past-bar" role="status">
      <${Icon} name="clock" tone="accent" />
      <p class="grow">
        ${moment ? html`<b>${titleOf(moment)}</b> ${t('past.why')}` : t('past.pick.why')}
      </p>
      <${Choose} key=${moment} num=${num} moment=${moment} />
      ${step(earlier, 'left', 'past.earlier', '[')} ${step(later, 'right', 'past.later', ']')}
      ${moment && html`
        <button type="button" class="btn primary small" onClick=${() => go(pastPath(num))}>
          ${t('past.now')} <kbd aria-hidden="true">Esc</kbd>
        </button>
      `}
    </div>
  `;
}

function PastOrder({ found, whole }) {
  const { order, timeline, notifies, refunds, alerts, payment, why } = found;
  const last = timeline[0]?.seq ?? 0;
  const later = whole.filter(({ seq }) => seq > last).length;
  return html`
    <p class="print-only">
      <b>${titleOf(found.asOf)}</b> ${t('past.why')}
    </p>
    <article class="card order-card-main">
      <${OrderHead} order=${order} />
      <${Steps} order=${order} timeline=${timeline} now=${Date.parse(found.asOf)} />
    </article>
    <section class="card answer past-answer" aria-label=${t('ans.title')}>
      <${Where} found=${found} />
    </section>
    <div class="order-grid">
      <${OrderTimeline} events=${timeline} later=${later} />
      <div class="order-side" tabindex="0" role="group" aria-label=${t('money.title')}>
        <${Money} order=${order} payment=${payment} why=${why} refunds=${refunds} />
        <${OrderAlerts} alerts=${alerts} />
        <${Notes} timeline=${timeline} />
        <${Notifies} notifies=${notifies} />
      </div>
    </div>
    <${PrintFoot} order=${order} />
  `;
}

// A moment of the past does not change, so it is asked for once.
export function usePast(num, moment) {
  const past = useMemo(
    () => moment && loader(() => get(`orders/${encodeURIComponent(num)}?asOf=${encodeURIComponent(moment)}`)),
    [num, moment],
  );
  useEffect(() => {
    past?.now?.();
  }, [past]);
  return past;
}

function NotYet({ order }) {
  return html`
    <section class="card">
      <${Empty} icon="clock" title=${t('past.none')} why=${t('past.none.why', { time: dayTime(order.createdAt) })}>
        <a class="btn primary" href=${orderPath(order.orderNum)}>${t('past.now')}</a>
      <//>
    </section>
  `;
}

export function PastBody({ past, present }) {
  const { data, error, now } = past;
  if (data.value) return html`<${PastOrder} found=${data.value} whole=${present.timeline} />`;
  if (error.value?.status === 404) return html`<${NotYet} order=${present.order} />`;
  return html`
    <section class="card order-waiting">
      ${error.value
        ? html`<${Failed} panel=${t('error.order')} error=${error.value} onRetry=${now} />`
        : html`<${Loading} rows=${6} />`}
    </section>
  `;
}
