"""Reads what a person did from an update: typed, chose, gave a command, or sent something that is not text."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from telegram import Bot, Chat, Message, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.ext import filters

logger = logging.getLogger("handrail.telegram")

COMMAND = re.compile(r"^/(start|help|erase|privacy|stop)(?:@\w+)?(?:\s+(.*))?$", re.IGNORECASE | re.DOTALL)
MEDIA = {
    "sticker": "sticker",
    "voice": "voice",
    "audio": "voice",
    "video_note": "video",
    "animation": "photo",
    "photo": "photo",
    "video": "video",
    "document": "file",
    "contact": "contact",
    "venue": "location",
    "location": "location",
    "poll": "other",
    "dice": "other",
    "game": "other",
    "story": "other",
    "paid_media": "photo",
    "checklist": "other",
    "invoice": "other",
}
BASICS = {"message_id", "date", "chat", "from", "text", "caption"}
GONE = {ChatMemberStatus.BANNED, ChatMemberStatus.LEFT}


class Kind(Enum):
    TEXT = "text"
    COMMAND = "command"
    CHOICE = "choice"
    MEDIA = "media"
    BLOCKED = "blocked"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Arrival:
    """What arrived. `text` is what was typed, or typed after a command or under a photo; `name` is the command or kind of media."""

    kind: Kind
    text: str = ""
    name: str = ""
    edited: bool = False
    album: str = ""


def read_update(raw: Mapping[str, Any], bot: Bot) -> Update:
    """The update in `raw`. Telegram adds to its messages every few weeks; of one that cannot be read, the words still are."""
    try:
        return Update.de_json(dict(raw), bot)
    except Exception as error:
        logger.warning("telegram_update_unreadable kind=%s", type(error).__name__)
    message = raw.get("message") or raw.get("edited_message") or {}
    try:
        basics = {key: value for key, value in message.items() if key in BASICS}
        return Update.de_json({"update_id": raw["update_id"], "message": basics}, bot)
    except Exception:
        return Update(int(raw["update_id"]))


def arrival_of(update: Update) -> Arrival:
    """What the person did in a private chat."""
    if update.callback_query:
        return Arrival(Kind.CHOICE, text=update.callback_query.data or "")
    if update.my_chat_member:
        gone = update.my_chat_member.new_chat_member.status in GONE
        return Arrival(Kind.BLOCKED if gone else Kind.NOTHING)
    if update.edited_message:
        return _edited(update.edited_message)
    return _sent(update.message) if update.message else Arrival(Kind.NOTHING)


def _sent(message: Message) -> Arrival:
    if message.text:
        if found := COMMAND.match(message.text):
            return Arrival(Kind.COMMAND, text=(found[2] or "").strip(), name=found[1].lower())
        return Arrival(Kind.TEXT, text=message.text)
    for attribute, name in MEDIA.items():
        if getattr(message, attribute, None):
            return Arrival(Kind.MEDIA, text=message.caption or "", name=name, album=message.media_group_id or "")
    if filters.StatusUpdate.ALL.filter(Update(0, message=message)):
        return Arrival(Kind.NOTHING)
    return Arrival(Kind.MEDIA, text=message.caption or "", name="other")


def _edited(message: Message) -> Arrival:
    """Only words count: a shared live location is edited every few seconds."""
    text = message.text or message.caption or ""
    if not text or COMMAND.match(text):
        return Arrival(Kind.NOTHING)
    return Arrival(Kind.TEXT, text=text, edited=True)


def chat_of(update: Update) -> Chat | None:
    """The chat that an update is about, also when a button's message is too old to be shown."""
    if update.callback_query and update.callback_query.message is None:
        return Chat(update.callback_query.from_user.id, ChatType.PRIVATE)
    return update.effective_chat


def was_removed(update: Update) -> bool:
    """Whether the update only says that the bot is no longer in the chat."""
    return bool(update.my_chat_member and update.my_chat_member.new_chat_member.status in GONE)
