"""The products on sale. Products are never deleted: an order keeps its own title and price."""

from __future__ import annotations

from peewee import BooleanField, CharField

from models.base import BaseModel, FenField, TimeField, fen_between


class Product(BaseModel):
    id = CharField(max_length=32, primary_key=True)
    title = CharField(max_length=255)
    price_fen = FenField()
    active = BooleanField(default=True)
    created_at = TimeField()
    updated_at = TimeField()

    class Meta:
        table_name = "products"
        constraints = (fen_between("price_fen", 1),)
