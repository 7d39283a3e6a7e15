// A short tone and a desktop notice for a new critical alert; both only if somebody switched them on.
import { kindWord } from '../../sentences/explain.js';
import { t } from '../../words/index.js';
import { isAlertNews } from '../../live/fold.js';
import { chooseDesktop, desktop, sound } from '../prefs.js';

const GAP_MS = 10000;
const TONE_S = 0.28;
const PITCH_HZ = 880;
let rungAt = 0;
let speaker = null;

// A browser gives no sound before the reader has touched the page.
function tone() {
  if (!navigator.userActivation?.hasBeenActive) return;
  speaker ??= new AudioContext();
  const [source, volume, now] = [speaker.createOscillator(), speaker.createGain(), speaker.currentTime];
  source.frequency.value = PITCH_HZ;
  volume.gain.setValueAtTime(0.12, now);
  volume.gain.exponentialRampToValueAtTime(0.001, now + TONE_S);
  source.connect(volume).connect(speaker.destination);
  source.start(now);
  source.stop(now + TONE_S);
}

// Kinds and numbers only, so that a bystander learns nothing of a customer.
function notice(events) {
  if (!document.hidden || globalThis.Notification?.permission !== 'granted') return;
  const kinds = [...new Set(events.map((event) => kindWord(event.data?.alertKind)))].join(' · ');
  new Notification(t('bell.notice', { n: events.length }), { body: kinds, tag: 'paywatch-critical', silent: true });
}

export function ring(events) {
  const urgent = events.filter(
    (event) =>
      !event.replayed && isAlertNews(event) && event.kind !== 'alert.repeated' && event.severity === 'critical',
  );
  if (!urgent.length || Date.now() - rungAt < GAP_MS || !(sound.value || desktop.value)) return;
  rungAt = Date.now();
  if (sound.value) tone();
  if (desktop.value) notice(urgent);
}

export const canNotify = () => 'Notification' in globalThis;
export const isBlocked = () => canNotify() && Notification.permission === 'denied';

// Asked of the browser only here, when somebody turns the switch.
export async function askDesktop(on) {
  chooseDesktop(on && canNotify() && (await Notification.requestPermission()) === 'granted');
}
