// What waits for the reader's decision: the numbers of the badges.
import { get } from '../../http.js';
import { loader } from '../loader.js';
import { may } from '../session.js';

const NEWS = /^(receipt|refund|bill)\.|^notify\.refused$/;

export const inbox = loader(() => get('inbox'));
export const toDecide = () => (inbox.data.value?.approvals ?? 0) + (inbox.data.value?.receipts ?? 0);
export const toExplain = () => inbox.data.value?.differences ?? 0;
const isNews = ({ kind, data }) => NEWS.test(kind) || data?.alertKind === 'reconcile_gap';
export const movesInbox = (events) => may('decideRefund') && events.some(isNews);
