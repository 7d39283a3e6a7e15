// The scenarios of the simulator, what may be chosen about them, and what was played in this session.
import { computed, signal } from '@preact/signals';
import { get, post } from '../http.js';
import { yuanOf } from '../values/yuan.js';
import { optionsOf } from '../values/scenario-options.js';
import { loader } from './loader.js';

const KEYED = [
  'paid',
  'duplicate',
  'wrong_amount',
  'negative',
  'wrong_signature',
  'out_of_order',
  'after_close',
  'storm',
];
const LOOK_MS = 300;
const MOST_RUNS = 50;
const PATIENCE = 10; // looks in a row that may fail before a run is given up
const ALERTS_SHOWN = 3;

export const scenarios = loader(() => get('simulator'));
const all = computed(() => scenarios.data.value?.scenarios ?? []);
const known = (name) => all.value.find((scenario) => scenario.name === name);
export const keyed = computed(() => KEYED.map(known).filter(Boolean));
export const others = computed(() => all.value.filter(({ name }) => !KEYED.includes(name)));
export const scenarioOf = (name) => known(name) ?? { name, takes: [] };

// As they are typed; they are read when a scenario starts.
export const choices = signal({
  totalFen: yuanOf(128000),
  notifyFen: yuanOf(1280),
  times: '2',
  perSecond: '50',
  seconds: '6',
  anomalyShare: '5',
});
export const choose = (name, text) => {
  choices.value = { ...choices.value, [name]: text };
};

const starting = signal(false);
export const runs = signal([]); // newest first: {key, name, run, error, alerts}
export const chosenKey = signal(null);
export const chosen = computed(() => runs.value.find(({ key }) => key === chosenKey.value) ?? null);
export const picked = signal(KEYED[0]); // whose fields are shown
export const series = signal(null); // {done, of} while all are played in turn
export const underway = computed(() => runs.value.find(({ run, error }) => !error && run?.state === 'running') ?? null);
export const busy = computed(() => Boolean(series.value || underway.value || starting.value));
let nextKey = 1;

const keep = (key, news) => {
  runs.value = runs.value.map((entry) => (entry.key === key ? { ...entry, ...news } : entry));
};
const pause = () =>
  new Promise((resolve) => {
    setTimeout(resolve, LOOK_MS);
  });

async function watch(key, first) {
  let [run, failed] = [first, 0];
  while (run.state === 'running') {
    await pause();
    try {
      run = (await get(`simulator/runs/${run.id}`)).run;
      failed = 0;
      keep(key, { run });
    } catch (error) {
      if (++failed >= PATIENCE || [401, 403, 404].includes(error.status)) throw error;
    }
  }
  return run;
}

// A forged notify has no order that could be trusted: its case is that of its source.
async function alertsOf(run) {
  const kinds = [...new Set(run.steps.map(({ actual }) => actual?.alertKind).filter(Boolean))];
  const found = [];
  for (const kind of kinds) {
    const order = kind === 'bad_signature' || !run.orderNum ? '' : `&orderNum=${encodeURIComponent(run.orderNum)}`;
    found.push(...(await get(`alerts?kind=${kind}${order}&limit=1`)).alerts);
  }
  return found.slice(0, ALERTS_SHOWN);
}

async function start(name, options) {
  const key = nextKey++;
  runs.value = [{ key, name, options, run: null, error: null, alerts: [] }, ...runs.value].slice(0, MOST_RUNS);
  [chosenKey.value, starting.value] = [key, true];
  try {
    const { run } = await post(`simulator/${name}`, options);
    keep(key, { run });
    starting.value = false;
    const ended = await watch(key, run);
    keep(key, { alerts: await alertsOf(ended) });
    return ended;
  } catch (error) {
    keep(key, { error });
    return null;
  } finally {
    starting.value = false;
  }
}

// Nothing is sent while a field of this scenario is wrong; its fields are shown then.
export function play(name) {
  picked.value = name;
  const { options, wrong } = optionsOf(scenarioOf(name), choices.value, scenarios.data.value?.limits);
  return wrong || busy.value ? null : start(name, options);
}

export const again = ({ name, options }) => (busy.value ? null : start(name, options));

// One after the other, those with a key; ends where a field is wrong or someone stops it.
export async function playAll() {
  if (busy.value || !keyed.value.length) return;
  const names = keyed.value.map(({ name }) => name);
  series.value = { done: 0, of: names.length };
  for (const name of names) {
    if (!series.value) return;
    picked.value = name;
    const { options, wrong } = optionsOf(scenarioOf(name), choices.value, scenarios.data.value?.limits);
    const ended = wrong ? null : await start(name, options);
    if (!ended || ended.state === 'stopped') break;
    if (series.value) series.value = { ...series.value, done: series.value.done + 1 };
  }
  series.value = null;
}

export async function stop() {
  series.value = null;
  const id = underway.value?.run?.id;
  if (id) await post(`simulator/runs/${id}/stop`);
}
