"""The commands about the tables themselves: migrations, and products."""

from __future__ import annotations

from assembly.database import CommandError, opening, with_store
from handlers.request_body import PRODUCT_ID
from models.database import migrate, open_database
from payments.buyers.names import plain_name
from payments.money import parse_fen
from services.orders.products import ProductChange, Products
from services.runtime.audit_log import COMMAND_LINE


def run_migrate(url: str) -> None:
    with opening():
        database = open_database(url, patient=True)
        done = migrate(database)
        database.close()
    print(f"Migrated: {', '.join(done)}." if done else "The database is up to date.")


def run_add_product(url: str, product_id: str, title: str, price: str) -> None:
    if parse_fen(price) is None:
        raise CommandError(
            "PRICE_FEN must be a whole number of fen, 1 to 10000000000: 8800 for 88 yuan."
        )
    if not PRODUCT_ID.fullmatch(product_id):
        raise CommandError("ID must be 1 to 32 letters, digits, - or _.")
    title = plain_name(title)
    if not (title.strip() and len(title) <= 255):
        raise CommandError("TITLE must be a text of 1 to 255 characters.")
    change = ProductChange(product_id, title, int(price), True, by=COMMAND_LINE)
    with_store(url, lambda store: Products(store).save(change))
    print(f"Saved product {product_id} at {price} fen.")
