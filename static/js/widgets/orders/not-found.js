import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { get, query } from '../../http.js';
import { alertPath } from '../../router.js';
import { t } from '../../words/index.js';
import { Empty } from '../parts/states.js';

// WeChat may have had money under a number that is not ours: its cases are named then.
export function NotFound({ num }) {
  const [cases, setCases] = useState([]);
  const n = cases.length;
  useEffect(() => {
    setCases([]);
    get(`alerts?${query({ orderNum: num, limit: 20 })}`).then(
      ({ alerts }) => setCases(alerts),
      () => {},
    ); // a hint, nothing more
  }, [num]);
  return html`
    <section class="card">
      <${Empty}
        icon="search"
        title=${t(n ? 'order.seen' : 'order.notfound')}
        why=${n ? t('order.seen.why', { n }) : t('order.notfound.why')}
      >
        ${n > 0 && html`<a class="btn primary" href=${alertPath(cases[0].id)}>${t('next.see.alert')}</a>`}
        <a class="btn ${n ? '' : 'primary'}" href="/orders">${t('nav.orders')}</a>
      <//>
    </section>
  `;
}
