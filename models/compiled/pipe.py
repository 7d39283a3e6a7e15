"""Statements on their way to PostgreSQL together: what waits goes out at once, and the answers are
read afterwards, in one round trip.

The driver's own cursors cost 35 µs of CPU a statement, in its pipeline mode too; its wrapper of
libpq, which is used here, costs 2 to 4.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.compiled.statements import check

Parameter = bytes | None


@dataclass(slots=True)
class Answer:
    """What a statement will have been answered. `rows`: how many it must touch, if it must."""

    text: str
    parameters: Sequence[Parameter]
    binary: bool
    rows: int | None
    result: Any = None


class Pipe:
    """The statements of one connection that wait. Each text with parameters is prepared once; after
    a DROP, an ALTER or a ROLLBACK of its own the driver drops these, so none goes through it.
    `longest_s`: a server that says nothing for so long is lost; None waits for ever."""

    def __init__(self, connection: Any, longest_s: float | None) -> None:
        from psycopg import OperationalError, adapt, errors, pq

        self._lost, self._error_of, self._transformer = (
            OperationalError,
            errors.error_from_result,
            adapt.Transformer,
        )
        self._status = pq.ExecStatus
        self._longest_ms = None if longest_s is None else longest_s * 1000
        self._connection = connection
        self._pg = connection.pgconn
        self._names: dict[str, bytes] = {}
        self._waiting: list[Answer] = []

    def ask(
        self,
        text: str,
        parameters: Sequence[Parameter] = (),
        *,
        binary: bool = True,
        rows: int | None = None,
    ) -> Answer:
        """Let a statement wait, with its parameters in binary form or as text."""
        answer = Answer(text, parameters, binary, rows)
        self._waiting.append(answer)
        return answer

    def forget(self) -> None:
        """What waits is not to be sent."""
        self._waiting.clear()

    def flush(self) -> None:
        """Send what waits and read all answers. Raises the error of the first statement that the
        server refused; those after it were not run. RuntimeError when one touched other rows than
        it must."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        self._pg.enter_pipeline_mode()
        new = self._send(waiting)
        errors = self._read(waiting, new)
        self._pg.exit_pipeline_mode()
        if errors:
            raise errors[0]
        for answer in waiting:
            if answer.rows is not None:
                check(answer.result.command_tuples, answer.rows)

    def rows_of(self, answer: Answer) -> list[tuple[Any, ...]]:
        """The rows of an answer, as the driver reads them."""
        transformer = self._transformer(self._connection)
        transformer.set_pgresult(answer.result)
        rows: list[tuple[Any, ...]] = transformer.load_rows(0, answer.result.ntuples, tuple)
        return rows

    def _send(self, waiting: Sequence[Answer]) -> dict[str, bytes]:
        """Returns the names of the texts that are prepared with them."""
        new: dict[str, bytes] = {}
        for answer in waiting:
            if not answer.parameters:  # BEGIN and the like, which every connection uses
                self._pg.send_query_params(answer.text.encode(), [])
                continue
            name = self._names.get(answer.text) or new.get(answer.text)
            if name is None:
                name = new[answer.text] = b"paywatch_%d" % (len(self._names) + len(new))
                self._pg.send_prepare(name, answer.text.encode())
            form = int(answer.binary)
            formats = [form] * len(answer.parameters)
            self._pg.send_query_prepared(name, answer.parameters, formats)
        self._pg.pipeline_sync()
        return new

    def _read(self, waiting: Sequence[Answer], new: dict[str, bytes]) -> list[Exception]:
        """Every answer must be taken, also after an error."""
        errors: list[Exception] = []
        for answer in waiting:
            if answer.text in new and answer.text not in self._names:
                name = new.pop(answer.text)
                if self._take(errors) is not None:
                    self._names[answer.text] = name
            answer.result = self._take(errors)
        self._await()
        self._pg.get_result()  # that of the sync
        return errors

    def _take(self, errors: list[Exception]) -> Any:
        """The result of the next command; None when it was refused or not run."""
        self._await()
        result = self._pg.get_result()
        if result is None:
            raise self._lost("the server closed the connection")
        self._await()
        self._pg.get_result()  # None: the end of this one
        if result.status in (self._status.COMMAND_OK, self._status.TUPLES_OK):
            return result
        if result.status != self._status.PIPELINE_ABORTED:
            errors.append(self._error_of(result, encoding="utf-8"))
        elif not errors:
            errors.append(self._lost("a statement was not run"))
        return None

    def _await(self) -> None:
        """Until a result can be taken without waiting; other threads run meanwhile. A server that
        is stopped, not dead, keeps its connections: neither TCP nor its own limits end the wait."""
        unsent = self._pg.flush()
        while self._pg.is_busy():
            poll = select.poll()
            poll.register(self._pg.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
            if not poll.poll(self._longest_ms):
                self._connection.close()  # or what it says late would be taken for another answer
                raise self._lost("the server gives no answer")
            self._pg.consume_input()
            unsent = unsent and self._pg.flush()
