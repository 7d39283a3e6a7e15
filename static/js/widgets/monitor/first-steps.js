// On the monitor of a new shop: what is to be done before payments can be relied on. It ticks itself, and goes when all
// is done or the reader has put it away; the settings bring it back.
import { useEffect } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { onFlush } from '../../state/feed/feed.js';
import { firstSteps, movesSteps } from '../../state/first-steps.js';
import { chooseSteps, site, steps } from '../../state/prefs.js';
import { may } from '../../state/session.js';
import { t } from '../../words/index.js';

const PLACES = {
  account: '/setup',
  product: '/products',
  order: site.mode === 'simulation' ? '/simulator' : '/setup',
  notify: '/setup',
  person: '/team',
  channel: '/settings',
};

function Step({ name, done }) {
  const words = html`
    <${Icon} name=${done ? 'paid' : 'pending'} size=${15} tone=${done ? 'ok' : 'warn'} />
    <span class=${done ? 'quiet' : ''}>${t(`steps.${name}`)}</span>
    <span class="sr">${t(done ? 'steps.done' : 'steps.open')}</span>
  `;
  if (done || !PLACES[name]) {
    return html`
      <li class="status">
        ${words} ${!done && html`<code class="mono small">paywatch backup FILE</code>`}
      </li>
    `;
  }
  return html`
    <li>
      <a class="status" href=${PLACES[name]}>${words}</a>
    </li>
  `;
}

function Card() {
  useEffect(() => {
    firstSteps.refresh();
    return onFlush((events) => movesSteps(events) && firstSteps.refresh());
  }, []);
  const all = firstSteps.data.value?.steps;
  const isDone = all?.every(({ done }) => done);
  useEffect(() => {
    if (isDone) chooseSteps(false); // nothing is asked on later visits
  }, [isDone]);
  if (!all || isDone) return null;
  return html`
    <section class="card first-steps" aria-label=${t('steps.title')}>
      <b>${t('steps.title')}</b>
      <span class="num quiet">${t('steps.count', { n: all.filter(({ done }) => done).length, all: all.length })}</span>
      <ol>
        ${all.map(({ name, done }) => html`<${Step} key=${name} name=${name} done=${done} />`)}
      </ol>
      <button type="button" class="link" onClick=${() => chooseSteps(false)}>${t('steps.hide')}</button>
    </section>
  `;
}

export const FirstSteps = () => (steps.value && may('resolve') ? html`<${Card} />` : null);
