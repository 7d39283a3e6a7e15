// One story, one row: a refused notify and the alert that it raised, a payment and how it was found.
const ALERTS = new Set(['alert.raised', 'alert.repeated', 'alert.reopened']);
const NEAR = 4; // the alert follows its notify within a few numbers
const BATCH = 100; // a payment and how it was found are written together with others

const PAID = new Set(['order.paid', 'order.healed', 'notify.duplicate']);
const FAILED = new Set(['payment.failed', 'prepay.failed', 'order.closed', 'refund.failed', 'notify.refused']);

export const isAlertNews = (item) => ALERTS.has(item.kind) && !(item.kind === 'alert.reopened' && item.data?.by);
export const isIssue = (item) =>
  item.kind === 'notify.refused' || isAlertNews(item) || ['medium', 'high', 'critical'].includes(item.severity);

const FILTERS = {
  all: () => true,
  paid: (item) => PAID.has(item.kind),
  refunds: (item) => item.kind.startsWith('refund.') || item.kind === 'receipt.decided',
  failed: (item) => FAILED.has(item.kind),
  issues: isIssue,
};
export const FILTER_NAMES = Object.keys(FILTERS);

// A severity, as the alert panel offers it, is a filter too.
export function matches(item, filter) {
  if (item.kind === 'separator') return filter === 'all';
  if (filter.startsWith('sev-')) return isIssue(item) && item.severity === filter.slice(4);
  return (FILTERS[filter] ?? FILTERS.all)(item);
}

function noticeOf(items, alert) {
  for (let i = items.length - 1; i >= Math.max(0, items.length - NEAR); i -= 1) {
    const item = items[i];
    const same =
      item.kind === 'notify.refused' &&
      !item.alert &&
      item.orderNum === alert.orderNum &&
      (item.data?.alertKind ?? alert.data?.alertKind) === alert.data?.alertKind;
    if (same) return i;
  }
  return -1;
}

// A healed payment is booked once: its second event only says how it was found.
function paymentOf(items, { orderNum }) {
  const at = items.findLastIndex((item) => item.kind === 'order.paid' && item.orderNum === orderNum);
  return at >= items.length - BATCH ? at : -1;
}

// Returns a new list; `known` is not changed.
export function fold(known, fresh) {
  const items = [...known];
  for (const event of fresh) {
    const healed = event.kind === 'order.healed';
    const at = healed ? paymentOf(items, event) : isAlertNews(event) ? noticeOf(items, event) : -1;
    if (at < 0) items.push(event);
    else {
      items[at] = healed ? { ...items[at], healed: event } : { ...items[at], severity: event.severity, alert: event };
    }
  }
  return items;
}
