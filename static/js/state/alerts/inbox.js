// What waits for the reader's decision: the numbers of the badges.
import { get } from '../../http.js';
import { loader } from '../loader.js';
import { may } from '../session.js';

const NEWS = /^(receipt|refund)\.|^notify\.refused$/;

export const inbox = loader(() => get('inbox'));
export const toDecide = () => (inbox.data.value?.approvals ?? 0) + (inbox.data.value?.receipts ?? 0);
export const movesInbox = (events) => may('decideRefund') && events.some(({ kind }) => NEWS.test(kind));
