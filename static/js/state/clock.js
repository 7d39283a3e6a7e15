// The server's time, as well as this browser can know it, and the one timer of the page.
import { signal } from '@preact/signals';
import { stamp } from '../values/format.js';

export const second = signal(Date.now());
export const skewMs = signal(0);
const watchers = new Set();

export const serverNow = () => Date.now() + skewMs.value;

// As lists write a time: without the day if it is today, without the year if it is this one.
export const stampAt = (at) => stamp(at, serverNow());

// `at` was true somewhere between asking and hearing.
export function learnTime(at, askedMs, heardMs = Date.now()) {
  const server = Date.parse(at);
  if (Number.isFinite(server)) skewMs.value = server - (askedMs + heardMs) / 2;
}

// When the document of this page was asked for and when it began to come.
export function documentTimes() {
  const [{ requestStart, responseStart }] = performance.getEntriesByType('navigation');
  const begin = Date.now() - performance.now();
  return [begin + requestStart, begin + responseStart];
}

export function everySecond(watch) {
  watchers.add(watch);
  return () => watchers.delete(watch);
}

export function startClock() {
  setInterval(() => {
    second.value = serverNow();
    watchers.forEach((watch) => watch());
  }, 1000);
}
