// Single keys and the G-then-letter pairs. Silent while someone types, composes or answers a dialog.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { openPalette } from '../../state/palette.js';
import { singleKeys } from '../../state/prefs.js';
import { user } from '../../state/session.js';

const PAIR_MS = 1200;
const layers = [];
let leaderAt = 0;

const typing = (target) =>
  target.closest?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]');

function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const pair = key.length === 1 && Date.now() - leaderAt < PAIR_MS;
  leaderAt = key === 'g' && !pair ? Date.now() : 0;
  return pair ? `g ${key}` : key;
}

// Ctrl K works everywhere but behind a dialog, also while someone types.
const isPalette = (event) =>
  (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k';

function press(event) {
  if (isPalette(event) && user.value && !document.querySelector('dialog[open]')) {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector('dialog[open]')) return;
  if (event.key.length === 1 && !singleKeys.value) return;
  const key = nameOf(event);
  // The youngest page or widget that knows the key acts.
  const layer = layers.findLast((entry) => key in entry.current);
  if (layer && layer.current[key](event) !== false) event.preventDefault();
}

export function startKeyboard() {
  document.addEventListener('keydown', press);
}

// `bindings`: {key: (event) => void | false}. False leaves the key to the browser.
export function useKeys(bindings) {
  const layer = useRef(bindings);
  layer.current = bindings;
  // With the page itself: a passive effect ends after the paint, when the refs of the page are gone already.
  useLayoutEffect(() => {
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, []);
}
