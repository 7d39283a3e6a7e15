// The settings page: what the server told, what was typed and not saved yet, the test of the channels.
import { computed, signal } from '@preact/signals';
import { faultWords } from '../sentences/faults.js';
import { get, post } from '../http.js';
import { t } from '../words/index.js';
import { loader } from './loader.js';
import { toast } from './toasts.js';

export const settings = loader(() => get('settings'), 3000);
const draft = signal({}); // by name, as it was typed; it outlives a look at another page
export const saving = signal(false);
export const taken = signal([]); // names that somebody else changed before we saved
export const testing = signal(false);
export const tested = signal({}); // by channel

// People write seconds and yuan; the server keeps whole milliseconds and fen.
const SCALES = { 'late.p95_ms': 1000, 'amount.slight_fen': 100 };
const scaleOf = (name) => SCALES[name] ?? 1;

export const knobs = computed(() =>
  Object.fromEntries((settings.data.value?.knobs ?? []).map((knob) => [knob.name, knob])),
);
export const shown = (name, value) => String(value / scaleOf(name));
export const boundsOf = (name) => ({
  low: shown(name, knobs.value[name].lowest),
  high: shown(name, knobs.value[name].highest),
});

// The typed value as the server takes it; null when it is not allowed.
function parsed(name, typed) {
  const { levels, lowest, highest, off } = knobs.value[name];
  if (levels) return typed;
  if (!/^\d{1,7}(\.\d{1,3})?$/.test(typed.trim())) return null;
  const exact = Number(typed) * scaleOf(name);
  const value = Math.round(exact);
  if (Math.abs(exact - value) > 1e-6) return null;
  return (value >= lowest && value <= highest) || (off && value === 0) ? value : null;
}

const isTyped = (name) => name in draft.value;
export const textOf = (name) => (isTyped(name) ? draft.value[name] : shown(name, knobs.value[name].value));
export const valueOf = (name) => (isTyped(name) ? parsed(name, draft.value[name]) : knobs.value[name].value);
export const isBad = (name) => valueOf(name) === null;
export const isChanged = (name) => isTyped(name) && valueOf(name) !== knobs.value[name].value;
export const changed = computed(() => Object.keys(draft.value).filter((name) => knobs.value[name] && isChanged(name)));
export const bad = computed(() => changed.value.filter(isBad));

export function type(name, text) {
  draft.value = { ...draft.value, [name]: text };
}

export function discard() {
  [draft.value, taken.value] = [{}, []];
}

export async function save() {
  if (!changed.value.length || bad.value.length || saving.value) return;
  saving.value = true;
  try {
    const wanted = changed.value.map((name) => [name, { value: valueOf(name), version: knobs.value[name].version }]);
    const answer = await post('settings', { knobs: Object.fromEntries(wanted) });
    settings.data.value = { ...settings.data.value, knobs: answer.knobs };
    discard();
    toast('ok', t('set.saved'));
  } catch (error) {
    if (error.code === 'conflict') {
      taken.value = error.body?.detail?.names ?? [];
      await settings.now(); // the next save is made knowing what they set
    } else {
      toast('crit', t('set.failed', { message: faultWords(error) }));
    }
  } finally {
    saving.value = false;
  }
}

export async function testChannels() {
  testing.value = true;
  try {
    const { channels } = await post('settings/notify/test', {});
    tested.value = Object.fromEntries(channels.map((channel) => [channel.id, channel]));
  } catch (error) {
    toast('crit', t('set.failed', { message: faultWords(error) }));
  } finally {
    testing.value = false;
  }
}
