// One remembered answer of the server: data, error, loading. Asks at most once per `gapMs`
// however often it is told to, and always once after the last telling.
import { signal } from '@preact/signals';

export function loader(fetcher, gapMs = 1000) {
  const data = signal(null);
  const error = signal(null);
  const loading = signal(false);
  let timer = null;
  let startedAt = 0;
  let turn = 0;

  async function run() {
    timer = null;
    startedAt = Date.now();
    const mine = ++turn;
    loading.value = true;
    try {
      const answer = await fetcher();
      if (mine !== turn) return; // a later question was asked meanwhile
      data.value = answer;
      error.value = null;
    } catch (problem) {
      if (mine === turn && problem.name !== 'AbortError') error.value = problem;
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  function refresh() {
    if (timer !== null) return;
    const wait = startedAt + gapMs - Date.now();
    if (wait <= 0) run();
    else timer = setTimeout(run, wait);
  }

  function reset() {
    clearTimeout(timer);
    timer = null;
    turn += 1;
    [data.value, error.value, loading.value] = [null, null, false];
  }

  return { data, error, loading, refresh, now: run, reset };
}
