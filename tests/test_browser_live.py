"""The live connection's own rules, in Node with a clock and sockets made by hand: each event once
and in order, a hole asked for again, retries further and further apart."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent.parent / "static"
RIG = """
import { Live } from '%s/js/live/live.js';
let now = 1e6;
const out = { got: [], missing: [], opened: [], states: [], waits: [], resyncs: [], replayed: [] };
let socket, due;
const io = {
  now: () => now, random: () => 0.5, online: () => true, check() {},
  open(after) {
    out.opened.push(after);
    return (socket = { readyState: 1, sent: 0, close() {}, send() { this.sent += 1; } });
  },
  later(ms, run) { out.waits.push(Math.round(ms)); due = run; return () => { due = null; }; },
  onEvents: (events) => out.got.push(...events.map((e) => e.seq)),
  onMissing: (a, b) => out.missing.push([a, b]),
  onVersion() {},
  onReplayed: ({ total }) => out.replayed.push(total),
  onChange: ({ state }) => out.states.at(-1) !== state && out.states.push(state),
  async resync(reason) { out.resyncs.push(reason); return 500; },
};
const live = new Live(io);
const hear = (frame) => socket.onmessage({ data: JSON.stringify(frame) });
const hello = (head, epoch = 'e1') => hear({ type: 'hello', head, epoch });
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const events = (from, to, seqs = range(from, to)) => hear({ type: 'events', from, to,
  events: seqs.map((seq) => ({ seq, kind: 'x', severity: 'info' })) });
const cut = (code = 1006) => socket.onclose({ code });
const pass = (ms) => { now += ms; live.tick(now); };
const retry = () => { const run = due; due = null; run(); };
""" % STATIC.as_uri()  # noqa: UP031 - braces belong to the script


def play(script: str) -> dict[str, Any]:
    """What the connection did while `script` ran."""
    done = subprocess.run(
        ["node", "--input-type=module", "-"],
        input=RIG + script + "\nconsole.log(JSON.stringify(out));",
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_was_missed_comes_once_and_in_order_after_every_cut():
    out = play("""
      live.start(10); hello(10); events(11, 12); events(11, 13);
      cut(); retry(); hello(17); events(14, 15); events(15, 17); events(18, 18);
      cut(1001); retry(); hello(18); events(19, 20);
    """)
    assert out["got"] == list(range(11, 21))
    assert out["opened"] == [10, 13, 18]
    assert out["replayed"] == [4]
    assert out["states"] == [
        "connecting",
        "live",
        "reconnecting",
        "replaying",
        "live",
        "reconnecting",
        "live",
    ]


def test_a_hole_is_asked_for_again_and_at_last_told():
    out = play("""
      live.start(0); hello(0); events(1, 2);
      events(3, 6, [3, 5, 6]); retry();
      hello(6); events(4, 6); events(7, 7);
      events(8, 9, [9]); retry(); hello(9); events(8, 9, [9]); retry(); hello(9); events(8, 9, [9]);
    """)
    assert out["got"] == [1, 2, 3, 4, 5, 6, 7, 9]
    assert out["opened"] == [0, 3, 7, 7]
    assert out["missing"] == [[8, 8]]


def test_retries_come_further_apart_until_a_connection_holds():
    out = play("""
      live.start(0); hello(0);
      for (let i = 0; i < 7; i += 1) { cut(); retry(); }
      hello(0); pass(6000); cut();
    """)
    assert out["waits"] == [1000, 2000, 4000, 8000, 15000, 30000, 30000, 1000]


def test_silence_is_noticed_and_a_dying_socket_is_not_pinged():
    out = play("""
      live.pinging = true; live.start(0); hello(0); pass(5000); out.pings = socket.sent;
      socket.readyState = 2; pass(6000); out.dying = socket.sent; socket.readyState = 1;
      pass(10000); out.early = live.state; pass(16000);
    """)
    assert (out["pings"], out["dying"], out["early"]) == (1, 1, "stale")
    assert out["states"] == ["connecting", "live", "stale", "reconnecting"]


def test_another_stream_is_taken_from_its_tail():
    out = play("""
      live.start(10); hello(10); cut(); retry(); hello(700, 'e2');
      await null; await null; hello(500, 'e2'); events(501, 502);
    """)
    assert out["resyncs"] == ["epoch"]
    assert out["opened"] == [10, 10, 500]
    assert out["got"] == [501, 502]


def test_an_ended_session_is_not_tried_again():
    out = play("live.start(0); hello(0); cut(4001);")
    assert out["states"][-1] == "expired"
    assert out["waits"] == []
