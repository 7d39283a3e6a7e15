// The feed when events come faster than a person reads: the ordinary ones of a second
// become one row, and memory lets go of them first. What has an alert keeps its own row.
import { isFen } from '../values/format.js';
import { isIssue } from './fold.js';

const BUSY = 20; // more events in a second than this, for two seconds
const COMMON = ['order.paid', 'order.created'];

const isCommon = (item) => COMMON.includes(item.kind) && !isIssue(item) && !item.healed && !item.data?.payerDiffers;
const isPassing = (item) => !isIssue(item) && item.kind !== 'separator';

export function busySeconds(items) {
  const counts = new Map();
  for (const { second } of items) counts.set(second, (counts.get(second) ?? 0) + 1);
  const full = (second) => counts.get(second) > BUSY;
  return new Set([...counts.keys()].filter((second) => full(second) && (full(second - 1) || full(second + 1))));
}

export const keyOf = (row) => row.key ?? row.seq;

function groupOf(key, members) {
  const amounts = members.map((item) => item.data?.amountFen).filter(isFen);
  return {
    key,
    kind: 'group',
    of: members[0].kind,
    seq: members[0].seq,
    at: members[0].at,
    arrived: 0,
    n: members.length,
    fen: amounts.length ? amounts.reduce((sum, fen) => sum + fen, 0) : null,
  };
}

// `list` newest first; `opened`: keys of the groups whose members are shown.
export function grouped(list, busy, opened) {
  if (!busy.size) return list;
  const groups = new Map();
  const place = (item) => (busy.has(item.second) && isCommon(item) ? `${item.second} ${item.kind}` : null);
  for (const item of list) {
    const key = place(item);
    if (key) groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const shown = new Set();
  return list.flatMap((item) => {
    const key = place(item);
    const members = key && groups.get(key);
    if (!members || members.length === 1) return [item];
    if (shown.has(key)) return [];
    shown.add(key);
    const open = opened.has(key);
    return [{ ...groupOf(key, members), open }, ...(open ? members : [])];
  });
}

// The oldest ordinary events go, whole seconds at a time so that no group loses a part; of the newest
// second only as many as must. What has an alert goes only when there is nothing else.
export function trim(items, keep) {
  let over = items.length - keep;
  if (over <= 0) return items;
  const newest = items.findLast(isPassing)?.second;
  let last = null;
  const kept = items.filter((item) => {
    if (!isPassing(item) || (over <= 0 && (item.second === newest || item.second !== last))) return true;
    over -= 1;
    last = item.second;
    return false;
  });
  return kept.slice(-keep);
}

// Behind the last ordinary event that is still here, the list has holes: says so there.
export function withHole(list) {
  const at = list.findLastIndex(isPassing) + 1;
  return at < list.length ? list.toSpliced(at, 0, { key: 'older', kind: 'older', seq: 0, severity: 'info' }) : list;
}
