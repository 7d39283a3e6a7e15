// The round trip of our pings: the server answers each at once with a heartbeat.
const EVERY_MS = 5000;
const KEEP = 5;

export class Pulse {
  constructor() {
    Object.assign(this, { trips: [], waitingSince: null, sentAt: 0 });
  }

  due(now) {
    return now - this.sentAt >= EVERY_MS;
  }

  sent(now) {
    this.sentAt = now;
    this.waitingSince ??= now;
  }

  heard(now) {
    if (this.waitingSince === null) return;
    this.trips = [...this.trips, now - this.waitingSince].slice(-KEEP);
    this.waitingSince = null;
  }

  forget() {
    this.waitingSince = null;
  }

  // The median, so that one slow trip does not flicker on the screen.
  get ms() {
    return [...this.trips].sort((a, b) => a - b)[Math.floor(this.trips.length / 2)] ?? null;
  }
}
