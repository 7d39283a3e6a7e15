// The open alert as it is now: asked for, kept in step, and who else has just changed it.
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../../http.js';
import { listed } from '../../state/alerts/list.js';
import { latest } from '../../state/alerts/unresolved.js';
import { onFlush } from '../../state/feed/feed.js';
import { user } from '../../state/session.js';
import { toast } from '../../state/toasts.js';
import { has, t } from '../../words/index.js';

// The actions of others since the reader saw the case last.
function tellOthers(before, after) {
  const fresh = after.history.slice(before.history.length);
  const entry = fresh.findLast(({ by }) => by && by !== user.value?.name);
  const key = `case.other.${entry?.action}`;
  if (entry && has(key)) toast('ok', t(key, { by: entry.by, assignee: after.assignee ?? '' }));
}

// Of the case itself, or of the money that it tells of.
const MONEY = /^(receipt|refund|bill)\./;
const isAbout = ({ kind, data, orderNum }, id, { alert }) =>
  String(data?.alertId) === String(id) || (MONEY.test(kind) && Boolean(orderNum) && orderNum === alert?.orderNum);

export function useAlert(id) {
  const [state, setState] = useState({});
  const now = useRef({});
  const put = (next) => {
    now.current = next;
    setState(next);
  };
  const about = (alert) => String(alert?.id) === String(id);
  const load = async () => {
    try {
      const answer = await get(`alerts/${encodeURIComponent(id)}`);
      if (now.current.asked !== id) return;
      const known = now.current.alert;
      if (known) tellOthers(known, answer.alert);
      const late = known?.version > answer.alert.version; // it was asked for before the last change
      put({ asked: id, ...answer, alert: late ? known : answer.alert });
    } catch (error) {
      if (now.current.asked === id && !now.current.alert) put({ asked: id, error });
    }
  };
  useEffect(() => {
    put({ asked: id, alert: listed.value?.find(about) }); // the list has it whole; its receipt comes after
    load();
    return onFlush((events) => events.some((event) => isAbout(event, id, now.current)) && load());
  }, [id]);
  useSignalEffect(() => {
    const alert = latest.value;
    const known = now.current.alert;
    if (about(alert) && known && alert.version >= known.version) put({ ...now.current, alert });
  });
  const current = state.asked === id ? state : {};
  return { ...current, load };
}
