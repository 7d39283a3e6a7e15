// The last day with a bill, for the monitor; and which events move what bills say.
import { get } from '../../http.js';
import { loader } from '../loader.js';

export const lastBill = loader(() => get('bills'), 3000);
export const isBillNews = ({ kind, data }) => kind.startsWith('bill.') || data?.alertKind === 'reconcile_gap';
