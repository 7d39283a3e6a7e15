// One alert in full: what happened, the rule, what to do next, the proof, the history.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { lead, moneyTodo, ruleWords, todoWords } from '../../sentences/explain.js';
import { Icon } from '../../icons.js';
import { t } from '../../words/index.js';
import { AlertActions } from './actions.js';
import { useAlert } from './use-alert.js';
import { sourceOf } from './row.js';
import { CaseTimeline } from './case-timeline.js';
import { Evidence } from './evidence.js';
import { RawNotify } from '../parts/raw-notify.js';
import { Empty, Failed, Loading } from '../parts/states.js';
import { MoneyThread } from './money-thread.js';
import { Head } from './detail-head.js';

const Explanation = ({ alert, receipts }) => html`
  <section class="explain sev-${alert.severity}">
    <p class="explain-lead">${lead(alert)}</p>
    <p class="explain-rule">${ruleWords(alert)}</p>
    <p class="explain-todo">
      <b>${t('todo.label')}</b>
      ${moneyTodo(receipts) ?? todoWords(alert)}
    </p>
  </section>
`;

function Body({ alert, money }) {
  const [notify, setNotify] = useState(null);
  const box = useRef(null);
  const seen = (id) => {
    setNotify(id);
    const title = box.current.querySelector('#raw-title');
    title.scrollIntoView({ block: 'start' });
    title.focus({ preventScroll: true });
  };
  return html`
    <div class="detail-body" tabindex="0" role="group" aria-labelledby="alert-title" ref=${box}>
      <${Explanation} alert=${{ ...alert, source: sourceOf(alert) }} receipts=${money.receipts} />
      <${MoneyThread} ...${money} />
      <${Evidence} alert=${alert} />
      ${(alert.kind !== 'system' || alert.evidence?.notifyId) && html`
        <${RawNotify} evidence=${alert.evidence} id=${notify ?? alert.evidence?.notifyId} />
      `}
      <${CaseTimeline} alert=${alert} onNotify=${seen} />
    </div>
  `;
}

// Over the list, nothing behind it may be reached until it is closed.
function useModal(box, modal) {
  useLayoutEffect(() => {
    if (!modal) return undefined;
    const behind = [...document.querySelectorAll('.skip, .side, .top, .alerts-list, .live-banner')];
    behind.forEach((part) => {
      part.inert = true;
    });
    return () =>
      behind.forEach((part) => {
        part.inert = false;
      });
  }, [modal]);
}

function Plain({ title, onClose, children }) {
  return html`
    <header class="detail-head">
      <div class="detail-title">
        <h2 id="alert-title" tabindex="-1">${title}</h2>
        <span class="grow"></span>
        <button type="button" class="btn ghost icon" aria-label=${t('common.close')} onClick=${onClose}>
          <${Icon} name="x" />
        </button>
      </div>
    </header>
    ${children}
  `;
}

// `modal`: it lies over the list; else beside it, or in its place.
export function AlertDetail({ id, neighbours, onClose, wide, modal }) {
  const { alert, receipt, receipts, differences, error, load } = useAlert(id);
  const money = { receipts, differences };
  const box = useRef(null);
  useModal(box, modal);
  // Alone on the page or over the list, the keyboard begins at its head.
  useEffect(() => {
    if (!wide && !box.current.contains(document.activeElement)) {
      box.current.querySelector('h2').focus({ preventScroll: true });
    }
  }, [id, wide, Boolean(alert)]);
  const missing = error?.status === 404;
  return html`
    ${modal && html`<div class="detail-scrim" onClick=${onClose}></div>`}
    <section
      class="detail ${modal ? 'over' : ''}"
      role=${modal ? 'dialog' : undefined}
      aria-modal=${modal ? 'true' : undefined}
      aria-labelledby="alert-title"
      ref=${box}
    >
      ${!alert && html`
        <${Plain} title=${t(missing ? 'alerts.notfound' : 'nav.alerts')} onClose=${onClose}>
          ${missing && html`<${Empty} icon="bell" title=${t('alerts.notfound')} why=${t('alerts.notfound.why')} />`}
          ${error && !missing && html`<${Failed} panel=${t('error.alert')} error=${error} onRetry=${load} />`}
          ${!error && html`<${Loading} rows=${8} />`}
        <//>
      `}
      ${alert && html`
        <${Head} alert=${alert} neighbours=${neighbours} onClose=${onClose} wide=${wide || modal} />
        <${Body} key=${id} alert=${alert} money=${money} />
        <${AlertActions} alert=${alert} receipt=${receipt} />
      `}
    </section>
  `;
}
