import { useEffect, useMemo, useState } from 'preact/hooks';
import { html } from '../html.js';
import { get } from '../http.js';
import { Icon } from '../icons.js';
import { useKeys } from '../widgets/parts/keyboard.js';
import { go, orderPath, params, pastPath, route } from '../router.js';
import { onFlush } from '../state/feed/feed.js';
import { loader } from '../state/loader.js';
import { merchantOf, merchants } from '../state/orders/merchants.js';
import { neighboursOf } from '../state/orders/neighbours.js';
import { t } from '../words/index.js';
import { Answer, copyAnswer, copyWords } from '../widgets/orders/answer.js';
import { OrderActions } from '../widgets/orders/actions.js';
import { Customer } from '../widgets/orders/customer.js';
import { Money } from '../widgets/orders/money.js';
import { NotFound } from '../widgets/orders/not-found.js';
import { Notes, Notifies, OrderAlerts, OrderHead } from '../widgets/orders/parts.js';
import { OrderDifferences } from '../widgets/orders/order-differences.js';
import { PastBar, PastBody, stepsFrom, usePast } from '../widgets/orders/past.js';
import { PrintFoot } from '../widgets/orders/print-foot.js';
import { Steps } from '../widgets/orders/steps.js';
import { OrderTimeline } from '../widgets/orders/timeline.js';
import { Shell } from '../widgets/shell/shell.js';
import { Failed, Loading } from '../widgets/parts/states.js';

function Full({ found, onChanged }) {
  const { order, timeline, notifies, refunds, alerts, payment, customerOrders, secondAdminFen } = found;
  const [noting, setNoting] = useState(false);
  const [asked, setAsked] = useState(null);
  useKeys({ s: () => copyAnswer(found) });
  const changed = { refunds, onChanged };
  return html`
    <article class="card order-card-main">
      <${OrderHead} order=${order}>
        <${OrderActions}
          order=${order}
          limitFen=${secondAdminFen}
          noting=${noting}
          onNoted=${() => setNoting(false)}
          onAsked=${setAsked}
          ...${changed}
        />
      <//>
      <${Steps} order=${order} timeline=${timeline} />
    </article>
    <${Answer} found=${found} asked=${asked} />
    <div class="order-grid">
      <${OrderTimeline} num=${order.orderNum} events=${timeline} />
      <div class="order-side" tabindex="0" role="group" aria-label=${t('cust.title')}>
        <${Money} order=${order} payment=${payment} why=${found.why} ...${changed} />
        <${Customer} order=${order} payment=${payment} others=${customerOrders} merchant=${merchantOf(order)?.name} />
        <${OrderAlerts} alerts=${alerts} />
        <${OrderDifferences} differences=${found.differences} />
        <${Notes} timeline=${timeline} onAdd=${() => setNoting(true)} />
        <${Notifies} notifies=${notifies} />
      </div>
    </div>
    <${PrintFoot} order=${order} />
  `;
}

// The values below are from a while ago.
const Stale = ({ error, onRetry }) => html`
  <div class="banner warn order-stale" role="alert">
    <${Icon} name="high" tone="warn" />
    <p class="grow">${t('order.stale')} ${error.message}</p>
    <button type="button" class="btn small" onClick=${onRetry}>${t('common.retry')}</button>
  </div>
`;

function Body({ num, data, error, past, onRetry }) {
  if (data && past) return html`<${PastBody} past=${past} present=${data} />`;
  if (data) {
    return html`
      ${error && html`<${Stale} error=${error} onRetry=${onRetry} />`}
      <${Full} key=${num} found=${data} onChanged=${onRetry} />
    `;
  }
  if (error?.status === 404) return html`<${NotFound} num=${num} />`;
  if (error) {
    return html`
      <section class="card">
        <${Failed} panel=${t('error.order')} error=${error} onRetry=${onRetry} />
      </section>
    `;
  }
  return html`
    <section class="card order-card-main order-waiting">
      <${Loading} rows=${4} />
    </section>
    <section class="card order-waiting">
      <${Loading} rows=${3} />
    </section>
    <section class="card order-waiting grow">
      <${Loading} rows=${8} />
    </section>
  `;
}

// Asks again when the stream tells of this order, so the page never lags behind the feed.
function useOrder(num) {
  const order = useMemo(() => loader(() => get(`orders/${encodeURIComponent(num)}`)), [num]);
  useEffect(() => {
    order.now();
    const stop = onFlush((events) => events.some((event) => event.orderNum === num) && order.refresh());
    return () => {
      stop();
      order.reset();
    };
  }, [order]);
  return order;
}

const goTo = (num) => (num ? go(orderPath(num), { replace: true }) : false);

// The search result that the reader came from, if it is still in memory.
function Walk({ near }) {
  const step = (num, icon, words) => html`
    <button type="button" class="btn icon" aria-label=${t(words)} disabled=${!num} onClick=${() => goTo(num)}>
      <${Icon} name=${icon} />
    </button>
  `;
  return html`
    <div class="order-walk">
      <span class="small">${t('order.walk', { n: near.at })}</span>
      ${step(near.prev, 'left', 'order.walk.prev')}
      ${step(near.next, 'right', 'order.walk.next')}
    </div>
  `;
}

export function Order() {
  const num = route.value.id;
  const moment = (params.value.get('asOf') || '').replace(' ', '+'); // the + of a zone, unescaped
  const order = useOrder(num);
  const past = usePast(num, moment);
  const [picking, setPicking] = useState(false);
  const near = neighboursOf(num);
  const found = order.data.value;
  // Of a long story the page of now has the newest alone, and that of then what is older.
  const known = found && [...found.timeline, ...(past?.data?.value?.timeline ?? [])];
  useEffect(() => {
    if (!merchants.data.value) merchants.refresh();
  }, []);
  const step = (way) => () => {
    const at = found && stepsFrom(known, moment)[way];
    return at ? go(pastPath(num, at)) : false;
  };
  useKeys({
    c: () => copyWords(num, 'order.copied'),
    ArrowLeft: () => goTo(near?.prev),
    ArrowRight: () => goTo(near?.next),
    '[': step('earlier'),
    ']': step('later'),
    Escape: () => (moment ? go(pastPath(num)) : false),
  });
  return html`
    <${Shell} title=${t('order.title')} kind="order" fixed>
      <div class="order-top">
        <nav class="crumbs small" aria-label=${t('order.crumb')}>
          <a href="/orders">${t('nav.orders')}</a> <span aria-hidden="true">/</span> <bdi aria-current="page">
            ${num}
          </bdi>
        </nav>
        ${found && !moment && html`
          <button
            type="button"
            class="btn small"
            aria-expanded=${String(picking)}
            onClick=${() => setPicking(!picking)}
          >
            <${Icon} name="clock" size=${14} />
            ${t('past.pick')}
          </button>
        `}
        ${near && html`<${Walk} near=${near} />`}
      </div>
      ${found && (moment || picking) && html`<${PastBar} num=${num} moment=${moment} timeline=${known} />`}
      <${Body} num=${num} data=${found} error=${order.error.value} past=${past} onRetry=${order.now} />
    <//>
  `;
}
