// The parts of a row of the alerts, in the table as in the list.
import { html } from '../../html.js';
import { kindWord } from '../../sentences/explain.js';
import { alertPath } from '../../router.js';
import { choice } from '../../state/alerts/picked.js';
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
