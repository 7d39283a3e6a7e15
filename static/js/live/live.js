// The live connection: one socket, resumed by number, nothing lost and nothing twice.
// No DOM and no clock of its own: `io` brings socket, time, timers and the receivers.
import { waitMs } from './backoff.js';
import { Pulse } from './pulse.js';
import { Replay } from './replay.js';

const STALE_MS = 20000;
const SILENT_MS = 35000;
const HANDSHAKE_MS = 15000;
const OPEN = 1; // of a WebSocket's readyState; a socket that is closing takes nothing more
const SETTLED_MS = 5000; // a connection that held this long counts as recovered
const FINAL = { 4001: 'expired', 4003: 'forbidden', 4029: 'crowded' };

export class Live {
  constructor(io) {
    Object.assign(this, {
      io,
      state: 'idle',
      attempt: 0,
      everLive: false,
      pinging: false,
      socket: null,
      cancelRetry: null,
    });
    Object.assign(this, { nextAt: null, lostAt: null, heardAt: null, epoch: null, pulse: new Pulse() });
    this.replay = new Replay(io);
  }

  // `after`: the last number the page has already.
  start(after) {
    this.replay.last = after;
    this.lostAt ??= this.io.now();
    this.connect();
  }

  // Goes on where we were; false when there is no such place.
  resume() {
    if (this.replay.last !== null && !this.socket) this.connect();
    return this.replay.last !== null;
  }

  stop(state = 'idle') {
    this.cancelRetry?.();
    this.dropSocket();
    if (state !== 'idle') this.lostAt ??= this.heardAt ?? this.io.now();
    this.setState(state);
  }

  retryNow() {
    if (!this.socket && ['reconnecting', 'offline', 'crowded'].includes(this.state)) this.connect();
  }

  connect() {
    this.cancelRetry?.();
    this.dropSocket();
    const socket = this.io.open(this.replay.last);
    Object.assign(this, { socket, greeted: false, openedAt: this.io.now(), nextAt: null });
    this.pulse.forget();
    socket.onmessage = (message) => socket === this.socket && this.onMessage(JSON.parse(message.data));
    socket.onclose = (close) => socket === this.socket && this.closed(close.code);
    this.setState(this.everLive || this.attempt ? 'reconnecting' : 'connecting');
  }

  dropSocket() {
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  onMessage(frame) {
    this.heardAt = this.io.now();
    if (this.state === 'stale') this.setState('live');
    if (frame.type === 'hello') this.onHello(frame);
    else if (frame.type === 'events') this.onEvents(frame);
    else if (frame.type === 'heartbeat') this.onHeartbeat(frame);
    else if (frame.type === 'resync') this.resync(frame.reason);
  }

  onHello({ head, epoch, version }) {
    this.io.onVersion(version);
    const replaced = this.epoch !== null && epoch !== this.epoch;
    Object.assign(this, { epoch, greeted: true });
    if (replaced) return this.resync('epoch');
    if (this.replay.tooFar(head)) return this.resync('gap', head - this.replay.last);
    const cut = this.everLive && this.lostAt !== null;
    if (cut && this.replay.begin(head, this.lostAt, this.heardAt)) return this.setState('replaying');
    return this.settle();
  }

  settle() {
    Object.assign(this, { lostAt: null, everLive: true });
    this.setState('live');
  }

  onEvents(frame) {
    if (!this.replay.take(frame)) return this.reconnect(0); // a gap: ask again from the last good number
    return this.state === 'replaying' && (this.replay.finished() ? this.settle() : this.setState('replaying'));
  }

  onHeartbeat({ head }) {
    this.pulse.heard(this.heardAt);
    if (this.replay.stuckBehind(head, this.heardAt)) this.reconnect(0);
    else this.setState(this.state);
  }

  // The numbers no longer continue ours: the page takes a fresh tail, then we resume behind it.
  async resync(reason, gap = 0) {
    this.dropSocket();
    this.setState('reconnecting');
    try {
      this.replay.reset(await this.io.resync(reason, gap));
      this.connect();
    } catch {
      this.retryAfter(waitMs(this.attempt, this.io.random));
    }
  }

  closed(code) {
    const held = this.greeted && this.io.now() - this.openedAt > 2000;
    if (!this.greeted) this.io.check();
    if (code in FINAL) return this.stop(FINAL[code]);
    if (code === 4008 && held) return this.reconnect(0);
    if (code === 1001) return this.reconnect(500 + 1000 * this.io.random());
    return this.reconnect();
  }

  reconnect(atOnce) {
    this.dropSocket();
    this.lostAt ??= this.heardAt ?? this.io.now();
    this.retryAfter(this.attempt === 0 && atOnce !== undefined ? atOnce : waitMs(this.attempt, this.io.random));
  }

  retryAfter(ms) {
    this.attempt += 1;
    this.nextAt = this.io.now() + ms;
    this.setState(this.io.online() ? 'reconnecting' : 'offline');
    this.cancelRetry?.();
    this.cancelRetry = this.io.later(ms, () => this.connect());
  }

  // Once a second, from the page.
  tick(now = this.io.now()) {
    if (!this.socket) return;
    const silent = now - Math.max(this.heardAt ?? 0, this.openedAt);
    if (silent > (this.greeted ? SILENT_MS : HANDSHAKE_MS)) return void this.reconnect();
    if (this.greeted && now - this.openedAt > SETTLED_MS) this.attempt = 0;
    if (silent > STALE_MS && this.state === 'live') this.setState('stale');
    if (!this.pinging || !this.greeted || !this.pulse.due(now) || this.socket.readyState !== OPEN) return;
    this.pulse.sent(now);
    this.socket.send('{"type":"ping"}');
  }

  setState(state) {
    this.state = state;
    const { attempt, nextAt, lostAt, heardAt } = this;
    this.io.onChange({ state, attempt, nextAt, lostAt, heardAt, ms: this.pulse.ms, progress: this.replay.progress });
  }
}
