// One alert in full: what happened, the rule, what to do next, the proof, the history.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { kindWord, lead, ruleWords, todoWords } from '../explain.js';
import { stamp } from '../format.js';
import { get } from '../http.js';
import { Icon } from '../icons.js';
import { go } from '../router.js';
import { unresolved } from '../state/alerts.js';
import { keepInStep } from '../state/alertlist.js';
import { serverNow } from '../state/clock.js';
import { onFlush } from '../state/feed.js';
import { t } from '../words/index.js';
import { AlertActions } from './alertactions.js';
import { sourceOf } from './alertlist.js';
import { AlertState, OrderLink, Severity, SeverityTag, Time, Times } from './basic.js';
import { Evidence } from './evidence.js';
import { RawNotify } from './rawnotify.js';
import { Empty, Failed, Loading } from './states.js';
import { History } from './timeline.js';

function useAlert(id) {
  const [state, setState] = useState({});
  const asked = useRef(id);
  asked.current = id;
  const load = () => get(`alerts/${encodeURIComponent(id)}`)
    .then(({ alert }) => asked.current === id && setState({ alert }), (error) => asked.current === id && setState((old) => (old.alert?.id === id ? old : { error })));
  useEffect(() => {
    setState({});
    load();
    return onFlush((events) => events.some((event) => String(event.data?.alertId) === String(id)) && load());
  }, [id]);
  return { ...state, load, set: (alert) => setState({ alert }) };
}

const show = (at) => stamp(at, serverNow());

function Head({ alert, neighbours, onClose, wide }) {
  const step = (to, icon, words) => html`<button type="button" class="btn ghost icon" aria-label=${t(words)} disabled=${!to} onClick=${() => go(to)}><${Icon} name=${icon} /></button>`;
  return html`<header class="detail-head"><div class="detail-title"><${Severity} level=${alert.severity} size=${18} /><h2 id="alert-title" tabindex="-1">${kindWord(alert.kind)}</h2><${Times} n=${alert.count} />
      <${SeverityTag} level=${alert.severity} /><span class="tag"><${AlertState} status=${alert.status} /></span><span class="grow"></span>
      ${step(neighbours.prev, 'upward', 'alert.prev')}${step(neighbours.next, 'down', 'alert.next')}
      <button type="button" class="btn ghost icon" aria-label=${t(wide ? 'common.close' : 'common.back')} onClick=${onClose}><${Icon} name="x" /></button></div>
    <p class="detail-facts small">${alert.orderNum ? html`<span>${t('alert.order')} ${alert.kind === 'missing_order' ? html`<bdi class="mono">${alert.orderNum}</bdi>` : html`<${OrderLink} num=${alert.orderNum} />`}</span>` : html`<span>${t('alerts.systemwide')}</span>`}
      <span>${t('alerts.first', { time: show(alert.firstSeen) })} · ${t('alerts.last', { time: show(alert.lastSeen) })}</span><span class="user">${alert.assignee ?? t('alerts.nobody')}</span></p></header>`;
}

const Explanation = ({ alert }) => html`<section class="explain sev-${alert.severity}"><p class="explain-lead">${lead({ ...alert, source: sourceOf(alert) })}</p>
  <p class="explain-rule">${ruleWords(alert.kind)}</p><p class="explain-todo"><b>${t('todo.label')}</b>${todoWords(alert.kind)}</p></section>`;

export function AlertDetail({ id, neighbours, onClose, wide }) {
  const { alert, error, load, set } = useAlert(id);
  const changed = (fresh) => {
    set(fresh);
    keepInStep(fresh);
    unresolved.refresh();
  };
  const missing = error?.status === 404;
  return html`<section class="detail" aria-labelledby="alert-title">
    ${!alert && html`<header class="detail-head"><div class="detail-title"><h2 id="alert-title">${t(missing ? 'alerts.notfound' : 'nav.alerts')}</h2><span class="grow"></span>
      <button type="button" class="btn ghost icon" aria-label=${t('common.close')} onClick=${onClose}><${Icon} name="x" /></button></div></header>`}
    ${missing && html`<${Empty} icon="bell" title=${t('alerts.notfound')} why=${t('alerts.notfound.why')} />`}
    ${error && !missing && html`<${Failed} panel=${t('error.alert')} error=${error} onRetry=${load} />`}
    ${!alert && !error && html`<${Loading} rows=${8} />`}
    ${alert && html`<${Head} alert=${alert} neighbours=${neighbours} onClose=${onClose} wide=${wide} />
      <div class="detail-body" tabindex="0" role="group" aria-labelledby="alert-title"><${Explanation} alert=${alert} /><${Evidence} evidence=${alert.evidence} /><${RawNotify} key=${id} evidence=${alert.evidence} /><${History} alert=${alert} /></div>
      <${AlertActions} alert=${alert} onChanged=${changed} />`}</section>`;
}
