// Why the feed stands still, and since when.
import { computed, signal } from '@preact/signals';

const REASONS = ['manual', 'select', 'hover', 'focus', 'scroll']; // the first that holds is told
const reasons = signal(new Map()); // reason → since (ms)

export const paused = computed(() => reasons.value.size > 0);
export const pauseReason = computed(() => REASONS.find((why) => reasons.value.has(why)) ?? null);
export const pausedAt = computed(() => reasons.value.get('manual') ?? null);

export function pause(why) {
  if (!reasons.value.has(why)) reasons.value = new Map([...reasons.value, [why, Date.now()]]);
}

const keepOnly = (wanted) => {
  reasons.value = new Map([...reasons.value].filter(([why]) => wanted(why)));
};

export function resume(why) {
  if (reasons.value.has(why)) keepOnly((other) => other !== why);
}

export const resumeAll = () => keepOnly(() => false);
// A pointer or the keyboard that still rests on the rows goes on holding them.
export const resumeAway = () => keepOnly((why) => why === 'hover' || why === 'focus');
export const togglePause = () => (paused.value ? resumeAll() : pause('manual'));
