// A row of the audit log as one plain sentence. A deed that is new to this console shows its own name.
import { money, NONE } from '../values/format.js';
import { staffWord } from './people.js';
import { has, rich, t, word } from '../words/index.js';

// The actions that the filter offers, by what they are about.
export const ACTIONS = [
  'session.opened',
  'session.refused',
  'session.closed',
  'sessions.ended',
  'password.changed',
  'password.reset',
  'totp.enabled',
  'totp.disabled',
  'totp.removed',
  'user.created',
  'user.role_changed',
  'user.disabled',
  'user.enabled',
  'key.created',
  'key.revoked',
  'order.queried',
  'order.closed',
  'order.service_moved',
  'order.noted',
  'order.unmasked',
  'orders.exported',
  'refund.requested',
  'refund.approved_first',
  'refund.approved',
  'refund.rejected',
  'refund.asked',
  'refund.entered',
  'refund.ended',
  'refund.abnormal',
  'receipt.proposed',
  'receipt.decided',
  'alert.acknowledged',
  'alert.assigned',
  'alert.resolved',
  'alert.reopened',
  'alert.noted',
  'notify.unmasked',
  'notify.replayed',
  'difference.resolved',
  'complaint.replied',
  'complaint.finished',
  'complaint.decided',
  'complaint.unmasked',
  'bill.fetched',
  'bill.brought',
  'product.created',
  'product.changed',
  'product.tried',
  'setting.changed',
  'channel.tested',
  'scenario.played',
  'scenario.stopped',
];
export const actionWord = (action) => word('act', action);

const personWord = (name) => (['command line', 'unknown account'].includes(name) ? t(`who.${name}`) : staffWord(name));
// A case, a notify or a receipt without an order is named by its noun and number.
const subjectWord = (subject) =>
  personWord(subject).replace(/^(notify|alert|receipt|difference) /, (_, noun) => `${t(`noun.${noun}`)} `);
const SHOW = {
  amountFen: money,
  role: (role) => word('role', role),
  kind: (kind) => word('kind', kind),
  difference: (kind) => word('dif', kind),
  resolution: (how) => word('dres', how),
  assignee: personWord,
  factor: (factor) => word('factor', factor),
  what: (what) => word('what', what),
};
const stateWord = (value) => (has(`role.${value}`) ? t(`role.${value}`) : word('svc', value));
const show = (name, value, action) => {
  if (value === null || value === undefined) return NONE;
  if (action === 'receipt.decided' || action === 'receipt.proposed') {
    return name === 'action' ? word('ract', value) : (SHOW[name]?.(value) ?? String(value));
  }
  if (name === 'from' || name === 'to') return stateWord(value);
  return SHOW[name]?.(value) ?? (typeof value === 'object' ? JSON.stringify(value) : String(value));
};

export function factsOf({ action, detail }) {
  return Object.entries(detail)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [word('fact', name), show(name, value, action)]);
}

export const whoWord = (entry) => personWord(entry.by);

// {by} and {subject} are isolated, so that a name cannot reorder the sentence.
export function auditSentence(entry) {
  const { action, by, subject, detail } = entry;
  const own = by === subject && has(`aud.${action}.own`);
  const key = own ? `aud.${action}.own` : `aud.${action}`;
  const details = Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, show(name, value, action)]));
  const values = { ...details, by: personWord(by), subject: subjectWord(subject), action: actionWord(action) };
  return rich(has(key) ? key : 'aud.other', values);
}
