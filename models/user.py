"""People and programs that may ask: users, their sessions, API keys, and failed sign-ins."""

from __future__ import annotations

from enum import StrEnum

from peewee import (
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from models.base import BaseModel, FenField, TimeField, one_of


class Role(StrEnum):
    ADMIN = "admin"
    SUPPORT = "support"
    VIEWER = "viewer"


class User(BaseModel):
    id = BigAutoField()
    name = CharField(max_length=64, unique=True)
    password_hash = CharField(max_length=255)
    role = CharField(max_length=10)
    disabled = BooleanField(default=False)
    created_at = TimeField()
    password_once = BooleanField(default=False)
    """True when another person chose the password; the user must choose a new one before anything
    else."""
    totp_secret = BlobField(null=True)
    """The secret of the second factor, sealed; null while it is off."""
    totp_pending = BlobField(null=True)
    """One that was shown and not confirmed yet, sealed."""
    totp_step = BigIntegerField(default=0)
    """The time step of the code that was taken last: no code is taken twice."""
    preferences = CharField(max_length=255, default="{}")
    """How the user likes the console, as JSON."""

    class Meta:
        table_name = "users"
        constraints = (one_of("role", Role),)


class Session(BaseModel):
    """A signed-in browser. Only the SHA-256 of its cookie is kept."""

    token_hash = CharField(max_length=64, primary_key=True)
    user = ForeignKeyField(User, backref="sessions")
    xsrf = CharField(max_length=64)
    created_at = TimeField()
    seen_at = TimeField()
    ended_at = TimeField(null=True)
    confirmed_at = TimeField(default=0)
    """When the password was given last."""
    network = CharField(max_length=64, default="")
    """Where it was opened from, masked."""
    agent = CharField(max_length=160, default="")
    """The browser, as it names itself."""

    class Meta:
        table_name = "sessions"


class RecoveryCode(BaseModel):
    """A code that stands in once for the second factor. Only its SHA-256 is kept."""

    user = ForeignKeyField(User, backref="recovery_codes")
    code_hash = CharField(max_length=64)
    used_at = TimeField(null=True)

    class Meta:
        table_name = "recovery_codes"
        primary_key = CompositeKey("user", "code_hash")


class SetupToken(BaseModel):
    """The token that opens the set-up page while there is no admin: one row with its SHA-256."""

    id = IntegerField(primary_key=True)
    token_hash = CharField(max_length=64)
    created_at = TimeField()

    class Meta:
        table_name = "setup_tokens"


class LoginFailure(BaseModel):
    """Failed sign-ins of one account from one network; a success clears them."""

    key = CharField(max_length=160, primary_key=True)
    count = IntegerField()
    last_at = TimeField()

    class Meta:
        table_name = "login_failures"


class ApiKey(BaseModel):
    """A merchant's own server. Only the SHA-256 of the key is kept."""

    name = CharField(max_length=64, primary_key=True)
    key_hash = CharField(max_length=64, unique=True)
    created_at = TimeField()
    revoked_at = TimeField(null=True)
    scopes = CharField(max_length=100, null=True)
    """The parts of the API that it may use, with commas; null for all."""
    mch_id = CharField(max_length=32, null=True)
    """The only account that it reaches; null for every account."""
    refund_day_fen = FenField(null=True)
    """The most that it may refund on one day."""
    expires_at = TimeField(null=True)

    class Meta:
        table_name = "api_keys"


class IdempotentAnswer(BaseModel):
    """The first answer to an Idempotency-Key, kept 24 hours. It is written in the transaction of
    what it answers, so a request that still runs has none."""

    api_key = CharField(max_length=64)
    key = CharField(max_length=128)
    request_hash = CharField(max_length=64)
    answer = TextField()
    created_at = TimeField(index=True)

    class Meta:
        table_name = "idempotent_answers"
        primary_key = CompositeKey("api_key", "key")
