"""Products: the list, a new one, a change. Each change is in the audit log."""

from __future__ import annotations

from dataclasses import replace

from handlers.errors import NotFound
from handlers.request_body import read_product
from handlers.session import ConsoleHandler
from payments.errors import BadRequest, ProductNotFound


class ProductsHandler(ConsoleHandler):
    async def get(self) -> None:
        self.reply({"products": await self.services.products.all()})

    async def post(self) -> None:
        body = self.json_body()
        product_id = body.get("id")
        if not isinstance(product_id, str):
            raise BadRequest("A new product needs an id.")
        change = read_product(body, product_id, new=True)
        product = await self.services.products.save(replace(change, by=self.principal.name))
        self.reply({"product": product}, 201)


class ProductHandler(ConsoleHandler):
    """POST changes what is given; `updatedAt` is that of the product as the caller saw it."""

    async def post(self, product_id: str) -> None:
        body = self.json_body()
        seen = body.pop("updatedAt", None)
        if not isinstance(seen, str):
            raise BadRequest("updatedAt must be that of the product as you saw it.")
        if "id" in body:
            raise BadRequest("The id of a product cannot change.")
        change = read_product(body, product_id, new=False)
        try:
            product = await self.services.products.save(
                replace(change, by=self.principal.name, seen=seen)
            )
        except ProductNotFound:
            raise NotFound("There is no product with this id.") from None
        self.reply({"product": product})
