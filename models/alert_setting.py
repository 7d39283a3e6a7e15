"""What admins set on the settings page, beside what stands in the environment."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, TextField

from models.base import BaseModel, TimeField


class Knob(BaseModel):
    """A value that is not the default. `value` is JSON; `version` moves with every change, so that
    no change is lost under another's."""

    name = CharField(primary_key=True, max_length=40)
    value = TextField()
    version = BigIntegerField(default=1)
    changed_by = CharField(max_length=80)
    changed_at = TimeField()

    class Meta:
        table_name = "knobs"
