import { useEffect, useMemo } from 'preact/hooks';
import { html } from '../html.js';
import { get } from '../http.js';
import { useKeys } from '../keyboard.js';
import { route } from '../router.js';
import { onFlush } from '../state/feed.js';
import { loader } from '../state/loader.js';
import { merchantOf, merchants } from '../state/merchants.js';
import { toast } from '../state/toasts.js';
import { t } from '../words/index.js';
import { OrderActions } from '../widgets/orderactions.js';
import { Money } from '../widgets/ordermoney.js';
import { Customer, Notifies, OrderAlerts, OrderHead, Steps } from '../widgets/orderparts.js';
import { OrderTimeline } from '../widgets/ordertimeline.js';
import { Shell } from '../widgets/shell.js';
import { Empty, Failed, Loading } from '../widgets/states.js';

function Full({ order, timeline = [], notifies = [], refunds = [], alerts = [], onChanged }) {
  return html`<article class="card order-card-main"><${OrderHead} order=${order}><${OrderActions} order=${order} refunds=${refunds} onChanged=${onChanged} /><//><${Steps} order=${order} timeline=${timeline} /></article>
    <div class="order-grid"><${OrderTimeline} events=${timeline} /><div class="order-side" tabindex="0" role="group" aria-label=${t('cust.title')}><${Money} order=${order} refunds=${refunds} onChanged=${onChanged} /><${Customer} order=${order} merchant=${merchantOf(order)?.name} /><${OrderAlerts} alerts=${alerts} /><${Notifies} notifies=${notifies} /></div></div>`;
}

function Body({ data, error, onRetry }) {
  if (data) return html`<${Full} ...${data} onChanged=${onRetry} />`;
  if (error?.status === 404) return html`<section class="card"><${Empty} icon="search" title=${t('order.notfound')} why=${t('order.notfound.why')}><a class="btn primary" href="/orders">${t('nav.orders')}</a><//></section>`;
  if (error) return html`<section class="card"><${Failed} panel=${t('error.order')} error=${error} onRetry=${onRetry} /></section>`;
  return html`<section class="card"><${Loading} rows=${8} /></section>`;
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

export function Order() {
  const num = route.value.id;
  const order = useOrder(num);
  useEffect(() => { if (!merchants.data.value) merchants.refresh(); }, []);
  useKeys({ c: () => void navigator.clipboard?.writeText(num).then(() => toast('ok', t('common.copied')), () => {}) });
  return html`<${Shell} title=${t('order.title')} kind="order" fixed><nav class="crumbs small" aria-label=${t('order.crumb')}><a href="/orders">${t('nav.orders')}</a> <span aria-hidden="true">/</span> <bdi aria-current="page">${num}</bdi></nav>
    <${Body} data=${order.data.value} error=${order.error.value} onRetry=${order.now} /><//>`;
}
