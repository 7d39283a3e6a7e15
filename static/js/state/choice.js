// Which rows of a list are chosen, by their ids: no more than one request takes, and only those that the list shows.
import { computed, signal } from '@preact/signals';

export const MOST = 100;

// `list` is a signal of rows, or of nothing yet; `may` says of a row whether it can be chosen now.
export function choiceOf(list, may = () => true) {
  const ids = signal(new Set());
  const possible = computed(() => (list.value ?? []).filter(may));
  const picked = computed(() => possible.value.filter(({ id }) => ids.value.has(id)).slice(0, MOST));
  const allPicked = computed(
    () => picked.value.length > 0 && picked.value.length === Math.min(possible.value.length, MOST),
  );
  const pick = (rows) => {
    ids.value = new Set([...ids.value, ...rows.filter(may).map(({ id }) => id)]);
  };
  const unpick = () => {
    ids.value = new Set();
  };
  const pickAll = () => (allPicked.value ? unpick() : pick(possible.value.slice(0, MOST)));
  const toggle = ({ id }) => {
    const next = new Set(ids.value);
    if (!next.delete(id)) next.add(id);
    ids.value = next;
  };
  const isPicked = ({ id }) => ids.value.has(id);
  return { picked, allPicked, isPicked, pick, unpick, pickAll, toggle };
}
