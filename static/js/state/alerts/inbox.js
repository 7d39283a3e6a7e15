// What waits for the reader's decision: the numbers of the badges.
import { get } from '../../http.js';
import { loader } from '../loader.js';
import { may } from '../session.js';

const NEWS = /^(receipt|refund|bill|alert)\.|^notify\.refused$/;

export const inbox = loader(() => get('inbox'));
export const toDecide = () => (inbox.data.value?.approvals ?? 0) + (inbox.data.value?.receipts ?? 0);
export const toExplain = () => inbox.data.value?.differences ?? 0;
// What needs this reader, with the page on which it is decided; only what there is.
const PLACES = { approvals: '/receipts', receipts: '/receipts', mine: '/alerts', differences: '/recon' };
export const needs = () =>
  Object.entries(PLACES)
    .map(([name, href]) => ({ name, href, n: inbox.data.value?.[name] ?? 0, since: inbox.data.value?.oldest?.[name] }))
    .filter(({ n }) => n > 0);
export const needed = () => needs().reduce((sum, { n }) => sum + n, 0);
const isNews = ({ kind, data }) => NEWS.test(kind) || data?.alertKind === 'reconcile_gap';
export const movesInbox = (events) => may('acknowledge') && events.some(isNews);
