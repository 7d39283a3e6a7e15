// Short messages at the bottom, and the two hidden live regions for screen readers.
import { signal } from '@preact/signals';

const LIFE_MS = 5000;
const MOST = 3;
let nextId = 1;

export const toasts = signal([]);
export const politeWords = signal('');
export const urgentWords = signal('');

export function dismiss(id) {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

// Errors stay until they are closed. `undo` offers the way back while the toast lives.
export function toast(tone, text, undo = null) {
  const id = nextId++;
  toasts.value = [...toasts.value, { id, tone, text, undo }].slice(-MOST);
  if (tone !== 'crit') setTimeout(() => dismiss(id), LIFE_MS);
}

export function undoLast() {
  const last = toasts.value.findLast((entry) => entry.undo);
  if (!last) return;
  dismiss(last.id);
  last.undo();
}

// The same words twice in a row would not be read, so they are cleared between.
function speaker(region) {
  return (words) => {
    region.value = '';
    setTimeout(() => {
      region.value = words;
    }, 50);
  };
}
export const say = speaker(politeWords);
export const alarm = speaker(urgentWords);
