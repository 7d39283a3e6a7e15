"""Which compiled statements a database has."""

from __future__ import annotations

from peewee import Database, MySQLDatabase

from models.compiled.dialect import Dialect
from models.compiled.mysql import MySQLStatements
from models.compiled.postgresql import PostgreSQLStatements
from models.compiled.sqlite import SQLiteStatements
from models.compiled.statements import Statements
from models.database import PipedPostgres

__all__ = ["Dialect", "Statements", "statements_for"]


def statements_for(database: Database) -> Statements:
    """Those of the writer of this database."""
    if isinstance(database, PipedPostgres):
        return PostgreSQLStatements(database)
    if isinstance(database, MySQLDatabase):
        return MySQLStatements(database)
    return SQLiteStatements(database)
