// One story, one row: a refused notify and the alert that it raised are shown together.
const ALERTS = new Set(['alert.raised', 'alert.repeated', 'alert.reopened']);
const NEAR = 4; // the alert follows its notify within a few numbers

const PAID = new Set(['order.paid', 'order.healed', 'notify.duplicate']);
const FAILED = new Set(['payment.failed', 'prepay.failed', 'order.closed', 'refund.failed', 'notify.refused']);

export const isAlertNews = (item) => ALERTS.has(item.kind) && !(item.kind === 'alert.reopened' && item.data?.by);
export const isIssue = (item) => item.kind === 'notify.refused' || isAlertNews(item) || ['medium', 'high', 'critical'].includes(item.severity);

const FILTERS = {
  all: () => true,
  paid: (item) => PAID.has(item.kind),
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
    const same = item.kind === 'notify.refused' && !item.alert && item.orderNum === alert.orderNum
      && (item.data?.alertKind ?? alert.data?.alertKind) === alert.data?.alertKind;
    if (same) return i;
  }
  return -1;
}

// Returns a new list; `known` is not changed.
export function fold(known, fresh) {
  const items = [...known];
  for (const event of fresh) {
    const at = isAlertNews(event) ? noticeOf(items, event) : -1;
    if (at < 0) items.push(event);
    else items[at] = { ...items[at], severity: event.severity, alert: event };
  }
  return items;
}
