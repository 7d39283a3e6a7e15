// The parts of a row of the alerts, in the table as in the list.
import { html } from '../../html.js';
import { kindWord } from '../../sentences/explain.js';
import { alertPath } from '../../router.js';
import { choice } from '../../state/alerts/picked.js';
import { Icon } from '../../icons.js';
import { t } from '../../words/index.js';
import { PickRow } from '../parts/pick.js';

export const sourceOf = (alert) => alert.evidence?.fields?.find(({ name }) => name === 'source')?.wechat;
export const hrefOf = (alert) => alertPath(alert.id) + location.search;
const openedAt = Date.now();
const NEWS = ['critical', 'high'];

// A row that came while the page was open slides in; those that were there do not.
export const freshness = ({ severity, lastSeen, status }) =>
  status === 'open' && NEWS.includes(severity) && Date.parse(lastSeen) > openedAt ? 'fresh' : '';
const nameOf = (alert) => `${kindWord(alert.kind)} ${alert.orderNum ?? ''}`;

export const Pick = ({ alert }) => html`
  <${PickRow} of=${choice} row=${alert} label=${t('bulk.pick', { name: nameOf(alert) })} />
`;

// The fault has ended by itself and not come again; of an order's case only one of several faults may have.
const COMES = ['raised', 'repeated', 'reopened'];
const isOver = ({ status, orderNum, lastSeen, history }) => {
  const last = history?.findLast(({ action }) => COMES.includes(action) || action === 'over');
  return status !== 'resolved' && !orderNum && last?.action === 'over' && last.at >= lastSeen;
};

export const Over = ({ alert }) =>
  isOver(alert) &&
  html`
    <span class="status small tone-ok">
      <${Icon} name="check" size=${13} />
      ${t('hist.over')}
    </span>
  `;
