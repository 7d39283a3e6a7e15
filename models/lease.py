"""The lease of a job that only one of several processes is to run."""

from __future__ import annotations

from peewee import CharField

from models.base import BaseModel, TimeField


class Lease(BaseModel):
    """The job `name` is `owner`'s until `until` (ms UTC), or until it is given back."""

    name = CharField(max_length=32, primary_key=True)
    owner = CharField(max_length=32)
    until = TimeField()

    class Meta:
        table_name = "leases"
