"""What staff do about a complaint: answer it, finish it, say whether there is a refund, have WeChat
asked again, see its images. Every deed has its row before WeChat is called, and one in the audit
log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models import Complaint, ComplaintImage
from models.base import rows
from models.complaints import DeedKind, DeedStatus
from models.store import Store
from models.transaction import Batch
from payments.complaints.complaint import (
    LONGEST_MEDIA_ID,
    LONGEST_REASON,
    LONGEST_REPLY,
    MOST_IMAGES,
    ComplaintState,
    RefundAction,
    RefundDecision,
    ReplyText,
)
from payments.complaints.images import MAX_BYTES, UPLOADS, type_of
from payments.encryption import Sealer
from payments.errors import (
    UNSIGNED,
    BadRequest,
    Busy,
    NotOffered,
    NotRefundable,
    PaymentError,
    WeChatRefused,
    WeChatUntrusted,
)
from payments.masking import mask_text
from payments.merchant import Merchant
from payments.v3.complaint import sendable_text
from services.complaints.complaint_views import ComplaintViews, open_payer
from services.complaints.deed_ops import (
    BegunDeed,
    ComplaintNotFound,
    EndedDeed,
    NewDeed,
    begin_deeds,
    end_deeds,
)
from services.complaints.fetching import ComplaintFetching
from services.complaints.look_ops import problem_of
from services.refunds.refunds import Refunds
from services.runtime.audit_log import Deed, record
from services.wechat.complaint_client import ComplaintClient

ACTIONS = tuple(action.value for action in RefundAction)
LONGEST_UPLOAD, UPLOAD_TYPES = MAX_BYTES, tuple(UPLOADS)


class OutcomeUnknown(PaymentError):
    """What was sent is kept, with the state `unknown`, until WeChat has said what became of it."""

    code = "outcome_unknown"
    message = (
        "WeChat did not answer, so it is not known whether this arrived. It is kept, and WeChat is "
        "asked by itself: do not send it again before that has an end."
    )


class NoSuchImage(PaymentError):
    code = "not_found"
    message = "There is no such image."


@dataclass(frozen=True)
class ShownImage:
    """An image that is one by its bytes."""

    content: bytes
    kind: str


@dataclass(frozen=True)
class PayerUnmasking:
    """A request to see the payer in full: the person and the reason."""

    complaint_id: str
    by: str
    reason: str
    sealer: Sealer


class ComplaintDesk:
    """`accounts` are those whose complaints can be asked for, by merchant number."""

    def __init__(
        self,
        store: Store,
        client: ComplaintClient,
        fetching: ComplaintFetching,
        views: ComplaintViews,
        refunds: Refunds,
        accounts: Mapping[str, Merchant],
        sealer: Sealer,
    ) -> None:
        self._store = store
        self._client = client
        self._fetching = fetching
        self._views = views
        self._refunds = refunds
        self._accounts = accounts
        self._sealer = sealer

    async def reply(
        self,
        complaint_id: str,
        text: str,
        images: Sequence[str],
        by: str,
        version: int | None = None,
    ) -> dict[str, Any]:
        """The complaint, once WeChat has the answer. With a `version` that is not the complaint's
        any more nothing is sent.

        Raises BadRequest, ComplaintNotFound, ComplaintConflict, WeChatRefused and WeChatUntrusted
        (nothing was taken), OutcomeUnknown, Busy (nothing was sent)."""
        reply = ReplyText(_text(text, LONGEST_REPLY, "text"), _media_ids(images))
        body = {"text": reply.text, "images": list(reply.images)}
        begun = await self._begin(NewDeed(complaint_id, DeedKind.REPLY, body, by, version))
        number = f"paywatch-{begun.id}" if begun.is_immediate else ""

        async def send(merchant: Merchant) -> None:
            await self._client.reply(merchant, complaint_id, reply, number)

        return await self._send(complaint_id, begun, send)

    async def finish(
        self, complaint_id: str, by: str, version: int | None = None
    ) -> dict[str, Any]:
        """The complaint, finished; one that is finished already stays so. Raises NotAnswered, and
        as `reply`."""
        begun = await self._begin(NewDeed(complaint_id, DeedKind.FINISH, {}, by, version))
        if begun.id is None:
            return await self._detail(complaint_id)
        try:
            return await self._send(
                complaint_id, begun, lambda merchant: self._client.finish(merchant, complaint_id)
            )
        except WeChatRefused:  # perhaps because somebody has finished it on WeChat's platform
            found = await self.refresh(complaint_id)
            if found["state"] != ComplaintState.PROCESSED:
                raise
            return found

    async def decide(
        self, complaint_id: str, action: str, reason: str, by: str, version: int | None = None
    ) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The complaint, and the refund that an approval asks for here; WeChat refunds nothing
        because of the word, and ours waits for an admin as any other.

        Raises NotAnswered, OrderNotFound and NotRefundable (nothing was said to the buyer then),
        and as `reply`."""
        chosen = RefundAction(action)
        rejects = chosen is RefundAction.REJECT
        if rejects or reason:
            reason = _text(reason, LONGEST_REASON, "reason")
        decision = RefundDecision(chosen, reason)
        body = {"action": action, "reason": reason}
        begun = await self._begin(NewDeed(complaint_id, DeedKind.DECISION, body, by, version))
        refund = None if rejects else await self._ask_refund(complaint_id, begun, reason, by)
        detail = await self._send(
            complaint_id,
            begun,
            lambda merchant: self._client.decide(merchant, complaint_id, decision),
        )
        return detail, refund

    async def refresh(self, complaint_id: str) -> dict[str, Any]:
        """The complaint as WeChat has it now. Raises ComplaintNotFound, NotOffered,
        WeChatRefused, WeChatUntrusted, WeChatUnreachable, Busy."""
        mch_id = await self._account_of(complaint_id)
        self._merchant(mch_id)
        await self._fetching.fetch(mch_id, complaint_id)
        return await self._detail(complaint_id)

    async def image(self, complaint_id: str, n: int) -> ShownImage:
        """The `n`-th image, fetched from WeChat alone, and only if it is one. Raises NoSuchImage,
        and as `refresh`."""
        found = await self._store.read(_read_image, complaint_id, n)
        if found is None:
            raise NoSuchImage
        mch_id, url = found
        content = await self._client.image(self._merchant(mch_id), url)
        kind = type_of(content)
        if kind is None:
            raise WeChatUntrusted("What WeChat has there is no image that can be shown.")
        return ShownImage(content, kind)

    async def upload(self, account: str, content: bytes) -> str:
        """The media id of an image for a reply from this account. Raises BadRequest, NotOffered,
        WeChatRefused, WeChatUntrusted, WeChatUnreachable, Busy."""
        kind = type_of(content)
        if kind not in UPLOADS:
            raise BadRequest("WeChat takes images as JPEG, PNG or BMP.")
        if len(content) > MAX_BYTES:
            raise BadRequest("WeChat takes images of at most 2 MiB.")
        return await self._client.upload(
            self._merchant(account), content, f"image.{UPLOADS[kind]}", kind
        )

    async def unmask(self, complaint_id: str, by: str, reason: str) -> dict[str, str | None]:
        """The payer's phone and openid in full; in the audit log before they are told. Raises
        ComplaintNotFound, Busy."""
        wanted = PayerUnmasking(complaint_id, by, reason, self._sealer)
        return await self._store.write(unmask_payers, wanted)

    async def _begin(self, deed: NewDeed) -> BegunDeed:
        """Raises NotOffered before anything is written, for an account that cannot be asked."""
        self._merchant(await self._account_of(deed.complaint_id))
        begun: BegunDeed = await self._store.write(begin_deeds, deed)
        return begun

    async def _ask_refund(
        self, complaint_id: str, begun: BegunDeed, reason: str, by: str
    ) -> dict[str, Any]:
        amount_fen = begun.refund_fen or begun.amount_fen
        try:
            if not amount_fen:
                raise NotRefundable(refundableFen=0)
            return await self._refunds.request(
                begun.order_num or "",
                amount_fen,
                reason or f"投诉 {complaint_id}",
                by,
                refund_num=f"C{complaint_id[:56]}-{begun.times % 1000}",
            )
        except PaymentError as error:
            await self._end(begun, DeedStatus.FAILED, problem_of(error))
            raise

    async def _send(
        self, complaint_id: str, begun: BegunDeed, send: Callable[[Merchant], Awaitable[None]]
    ) -> dict[str, Any]:
        try:
            await send(self._merchant(begun.mch_id))
        except PaymentError as error:
            status = DeedStatus.REFUSED if _took_nothing(error) else DeedStatus.UNKNOWN
            await self._end(begun, status, problem_of(error))
            if status is DeedStatus.UNKNOWN:
                raise OutcomeUnknown from error
            raise
        await self._end(begun, DeedStatus.DONE, {})
        return await self._detail(complaint_id)

    async def _end(self, begun: BegunDeed, status: DeedStatus, problem: dict[str, str]) -> None:
        if begun.id is not None:
            await self._store.write(end_deeds, EndedDeed(begun.id, status, problem))
            self._fetching.woken.set()

    async def _account_of(self, complaint_id: str) -> str:
        mch_id = await self._store.read(_read_account, complaint_id)
        if mch_id is None:
            raise ComplaintNotFound
        return mch_id

    def _merchant(self, mch_id: str) -> Merchant:
        if merchant := self._accounts.get(mch_id):
            return merchant
        raise NotOffered("This account has no API v3 key, or no key of its own, in the settings.")

    async def _detail(self, complaint_id: str) -> dict[str, Any]:
        found = await self._views.detail(complaint_id)
        if found is None:
            raise ComplaintNotFound
        return found


_UNSENT = ("own_key", "certificate", "client_certificate")
"""Doubts with which nothing was sent."""
_OPEN = (UNSIGNED, "SYSTEMERROR")
"""Refusals from which nothing is concluded."""


def _took_nothing(error: PaymentError) -> bool:
    if isinstance(error, WeChatRefused):
        return error.wechat_code not in _OPEN
    return isinstance(error, Busy) or (
        isinstance(error, WeChatUntrusted) and error.doubt in _UNSENT
    )


def unmask_payers(
    batch: Batch, items: Sequence[PayerUnmasking]
) -> list[dict[str, str | None] | PaymentError]:
    return [_unmask(batch, item) for item in items]


def _unmask(batch: Batch, item: PayerUnmasking) -> dict[str, str | None] | PaymentError:
    row = Complaint.get_or_none(Complaint.complaint_id == item.complaint_id)
    if row is None:
        return ComplaintNotFound()
    detail = {"complaintId": row.complaint_id, "reason": mask_text(item.reason)}
    record(batch, Deed(item.by, "complaint.unmasked", row.order_num or row.complaint_id, detail))
    payer = open_payer(row, item.sealer)
    return {"phone": payer.get("phone"), "openId": payer.get("openId")}


def _text(text: str, longest: int, name: str) -> str:
    """As WeChat takes it. Raises BadRequest."""
    plain = sendable_text(text)
    if not 1 <= len(plain) <= longest:
        raise BadRequest(
            f"{name} must be a text of 1 to {longest} characters; WeChat takes no emoji."
        )
    return plain


def _media_ids(images: Sequence[str]) -> tuple[str, ...]:
    if len(images) > MOST_IMAGES:
        raise BadRequest(f"A reply may have {MOST_IMAGES} images.")
    for each in images:
        if not (1 <= len(each) <= LONGEST_MEDIA_ID and each.isascii() and each.isprintable()):
            raise BadRequest("images must be media ids that an upload has answered.")
    return tuple(images)


def _read_account(complaint_id: str) -> str | None:
    query = Complaint.select(Complaint.mch_id).where(Complaint.complaint_id == complaint_id)
    return next((mch_id for (mch_id,) in rows(query)), None)


def _read_image(complaint_id: str, n: int) -> tuple[str, str] | None:
    row = Complaint.get_or_none(Complaint.complaint_id == complaint_id)
    if row is None:
        return None
    image = ComplaintImage.get_or_none(ComplaintImage.complaint == row.id, ComplaintImage.n == n)
    return (row.mch_id, image.url) if image else None
