// The filters of the order search, which stand in the address.
import { computed } from '@preact/signals';
import { query } from '../../http.js';
import { params } from '../../router.js';

export const STATUSES = ['INIT', 'WAIT_PAY', 'PAID', 'CLOSED', 'REFUNDING', 'PARTIALLY_REFUNDED', 'REFUNDED'];
export const SERVICES = ['SERVICE_WAIT', 'IN_SERVICE', 'SERVED', 'SERVICE_CANCELLED'];
export const TRADES = ['JSAPI', 'NATIVE', 'APP', 'MWEB'];
export const REFUNDS = ['none', 'part', 'full', 'waiting'];
// The words of the address that filter; `q` and these are what a saved view keeps.
export const NAMES = [
  'created',
  'paid',
  'status',
  'refund',
  'service',
  'trade',
  'minFen',
  'maxFen',
  'merchant',
  'alerts',
];

const word = (name) => computed(() => params.value.get(name) || '');
const words = (name) => computed(() => (params.value.get(name) || '').split(',').filter(Boolean));
export const asked = word('q');
export const statuses = words('status');
export const services = words('service');
export const trades = words('trade');
export const refunds = words('refund');
export const merchant = word('merchant');
export const lowest = word('minFen');
export const highest = word('maxFen');
export const withAlerts = word('alerts');
export const paid = computed(() => params.value.get('paid') || 'all');
// Without a text the last days; with one everything, so that nothing that is named stays hidden.
const isNamed = () => asked.value || paid.value !== 'all';
export const created = computed(() => params.value.get('created') || (isNamed() ? 'all' : '7d'));
export const isFiltered = computed(() => NAMES.some((name) => params.value.get(name)));

export const filters = computed(() =>
  query({
    q: asked.value,
    created: created.value === 'all' ? '' : created.value,
    paid: paid.value === 'all' ? '' : paid.value,
    status: statuses.value.join(','),
    service: services.value.join(','),
    trade: trades.value.join(','),
    refund: refunds.value.join(','),
    minFen: lowest.value,
    maxFen: highest.value,
    merchant: merchant.value,
    alerts: withAlerts.value,
  }),
);
