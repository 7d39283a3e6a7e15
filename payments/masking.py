"""How personal values are shown: enough to recognise, too little to use."""

from __future__ import annotations

import re

_OPEN_ID = re.compile(r"(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])")


PHONE_HEAD, OPEN_ID_HEAD = 3, 6
"""The first characters that are shown; of a phone or openid no longer than the second figures
nothing is."""
HIDDEN_PHONE, HIDDEN_OPEN_ID = 7, 10


def mask_open_id(open_id: str | None) -> str | None:
    """First six and last four: `oUpF8u****eS6o`."""
    if not open_id:
        return open_id
    shown = len(open_id) > HIDDEN_OPEN_ID
    return f"{open_id[:OPEN_ID_HEAD]}****{open_id[-4:]}" if shown else "****"


def mask_phone(phone: str | None) -> str | None:
    """First three and last four: `138****5678`."""
    if not phone:
        return phone
    return f"{phone[:PHONE_HEAD]}****{phone[-4:]}" if len(phone) > HIDDEN_PHONE else "****"


def mask_mch_id(mch_id: str) -> str:
    """First four and last two: `1900****09`."""
    return f"{mch_id[:4]}****{mch_id[-2:]}" if len(mch_id) > 6 else "****"


_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")


def mask_text(text: str | None) -> str | None:
    """A free text (a title, a name) with whatever looks like an openid or a phone masked."""
    return _masked(text) if text else text


def stands_in(part: str, text: str | None) -> bool:
    """Whether a part stands in a free text as it is shown, in any case; a part that holds a whole
    phone or openid matches the whole one. So a search tells nothing that the mask hides."""
    raw = (text or "").lower()
    shown = (mask_text(text) or "").lower()
    return part.lower() in raw and (mask_text(part) or "").lower() in shown


def _masked(text: str) -> str:
    text = _OPEN_ID.sub(lambda m: mask_open_id(m[0]) or "", text)
    return _PHONE.sub(r"\1****\2", text)


_XML_FIELD = r"(<{0}>(?:<!\[CDATA\[)?)([^<\]]*)"
_HIDDEN = tuple(re.compile(_XML_FIELD.format(name)) for name in ("sign", "nonce_str"))
_OPEN_IDS = (
    *(re.compile(_XML_FIELD.format(name)) for name in ("openid", "sub_openid")),
    re.compile(r'("(?:sub_|sp_)?openid"\s*:\s*")((?:[^"\\]|\\.)*)'),
)


def mask_notify(text: str) -> str:
    """A raw notify, XML or JSON, as staff may see it: no openid, no phone, no signature in
    full."""
    for pattern in _OPEN_IDS:
        text = pattern.sub(lambda m: m[1] + (mask_open_id(m[2]) or ""), text)
    return _masked(mask_proof(text))


def mask_proof(text: str) -> str:
    """A raw notify with everything in it but its signature: what an admin sees who may see it
    all, and nobody can send again."""
    for pattern in _HIDDEN:
        text = pattern.sub(lambda m: m[1] + (m[2][:4] + "****" if m[2] else ""), text)
    return text
