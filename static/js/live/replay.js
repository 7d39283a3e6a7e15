// The bookkeeping of numbers: which event comes next, what is a double, what is a gap.
const SNAPSHOT_OVER = 5000; // a longer absence takes a fresh tail instead of every row
const ASK_AGAIN = 2;
const STUCK_MS = 4000;

export class Replay {
  constructor(io) {
    this.io = io;
    this.reset(null);
  }

  reset(last) {
    Object.assign(this, { last, progress: null, asked: { at: null, times: 0 }, behind: null });
  }

  tooFar(head) {
    return head - this.last > SNAPSHOT_OVER;
  }

  // Nothing to replay: false. `now`: when the replay begins, for how long it will take.
  begin(head, lostAt, now) {
    this.behind = null;
    if (head <= this.last) return false;
    this.progress = {
      from: this.last + 1,
      to: head,
      total: head - this.last,
      done: 0,
      lostAt,
      critical: 0,
      startedAt: now,
    };
    return true;
  }

  // False: the frame leaves a hole behind what we have, and asking again may still fill it.
  take(frame) {
    const fresh = frame.events.filter((event) => event.seq > this.last);
    const hole = fresh.findIndex((event, i) => event.seq !== this.last + 1 + i);
    const good = hole < 0 ? fresh : fresh.slice(0, hole);
    this.accept(good, Boolean(frame.replayed));
    if (this.last >= frame.to) return true;
    if (this.mayAskAgain()) return false;
    const next = fresh[good.length]?.seq ?? frame.to + 1;
    this.io.onMissing(this.last + 1, next - 1);
    this.last = next - 1;
    return this.take(frame);
  }

  accept(events, replayed) {
    if (!events.length) return;
    this.last = events.at(-1).seq;
    this.count(events);
    this.io.onEvents(events, replayed);
  }

  mayAskAgain() {
    const { asked, last } = this;
    this.asked = { at: last, times: asked.at === last ? asked.times + 1 : 1 };
    return this.asked.times <= ASK_AGAIN;
  }

  count(fresh) {
    if (!this.progress) return;
    const critical = fresh.filter((event) => event.severity === 'critical' && event.kind.startsWith('alert.')).length;
    const { total, from } = this.progress;
    this.progress = {
      ...this.progress,
      done: Math.min(total, this.last - from + 1),
      critical: this.progress.critical + critical,
    };
  }

  finished() {
    if (!this.progress || this.last < this.progress.to) return false;
    this.io.onReplayed(this.progress);
    this.progress = null;
    return true;
  }

  // Heartbeats that keep knowing more than we were sent, with nothing arriving: frames were lost.
  stuckBehind(head, now) {
    if (head <= this.last) this.behind = null;
    else if (this.behind?.last !== this.last) this.behind = { last: this.last, since: now };
    return this.behind !== null && now - this.behind.since > STUCK_MS;
  }
}
