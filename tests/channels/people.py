"""People on Telegram: they type, press and send things at the stand-in, and read what comes back."""

from __future__ import annotations

import itertools
import time
from typing import Any

from tests.channels.bot_api import BotApi, Shown

_ids = itertools.count(7_340_000_001)
PHOTO = [{"file_id": "AgACAgQ", "file_unique_id": "AQAD", "width": 90, "height": 67, "file_size": 1000}]
FILE = {"file_id": "BQACAgQ", "file_unique_id": "AgAD", "file_size": 1000}
CLIP = {**FILE, "width": 240, "height": 240, "duration": 3}
MEDIA: dict[str, dict[str, Any]] = {
    "sticker": {"sticker": {**FILE, "type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}},
    "voice": {"voice": {**FILE, "duration": 3}},
    "audio": {"audio": {**FILE, "duration": 3}},
    "video note": {"video_note": {**FILE, "length": 240, "duration": 3}},
    "video": {"video": CLIP},
    "animation": {"animation": CLIP, "document": FILE},
    "photo": {"photo": PHOTO},
    "document": {"document": FILE},
    "contact": {"contact": {"phone_number": "+447700900123", "first_name": "CanaryContact", "user_id": 7349999999}},
    "location": {"location": {"latitude": 51.501364, "longitude": -0.141890}},
    "venue": {"venue": {"location": {"latitude": 51.5, "longitude": -0.1}, "title": "Gate", "address": "Road"},
              "location": {"latitude": 51.5, "longitude": -0.1}},
    "poll": {"poll": {"id": "1", "question": "Q", "options": [], "total_voter_count": 0, "is_closed": False,
                      "is_anonymous": True, "type": "regular", "allows_multiple_answers": False}},
    "a poll that the library cannot read": {"poll": {"id": "1", "question": "Q"}},
    "something Telegram has not made yet": {"hologram": FILE},
    "dice": {"dice": {"emoji": "🎲", "value": 4}},
}  # fmt: skip

RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories",
)  # fmt: skip


class Person:
    """One private chat with the bot, or a group when `kind` says so."""

    def __init__(self, api: BotApi, kind: str = "private") -> None:
        self.api = api
        self.id = next(_ids) if kind == "private" else -next(_ids)
        self.kind = kind
        self.read = 0
        api.bot.chats[self.id] = kind

    @property
    def chat(self) -> dict[str, Any]:
        return {"id": self.id, "type": self.kind, "first_name": "CanaryName"}

    @property
    def user(self) -> dict[str, Any]:
        return {"id": abs(self.id), "is_bot": False, "first_name": "CanaryName", "username": "canary_user"}

    def message(self, **content: Any) -> dict[str, Any]:
        common = {"message_id": self.api.next_message(), "date": int(time.time()), "chat": self.chat, "from": self.user}
        return {**common, **content}

    def types(self, text: str) -> int:
        """Send text or a command: the update's number."""
        entities = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}] if text[0] == "/" else []
        return self.api.update(message=self.message(text=text, entities=entities))

    def sends(self, what: str, **more: Any) -> int:
        return self.api.update(message=self.message(**MEDIA[what], **more))

    def edits(self, **content: Any) -> int:
        return self.api.update(edited_message=self.message(edit_date=int(time.time()), **content))

    def presses(self, label: str, on: Shown | None = None) -> int:
        """Press a button of a message: the last one that has it, when not said."""
        shown = on or [one for one in self.messages if label in one.labels][-1]
        data = next(data for row in shown.keyboard for text, data in row if text == label)
        return self.presses_data(data, shown)

    def presses_data(self, data: str, shown: Shown) -> int:
        query = f"q{self.api.next_message()}"
        self.api.bot.queries.add(query)
        message = {"message_id": shown.id, "date": int(time.time()), "chat": self.chat, "text": shown.text}
        content = {"id": query, "from": self.user, "message": message, "chat_instance": "1", "data": data}
        return self.api.update(callback_query=content)

    def membership(self, old: str, new: str) -> int:
        def member(status: str) -> dict[str, Any]:
            bot = {"id": 4839574812, "is_bot": True, "first_name": "Handrail", "username": "handrail_bot"}
            more = {"kicked": {"until_date": 0}, "administrator": dict.fromkeys(RIGHTS, True)}
            return {"user": bot, "status": status, **more.get(status, {})}

        content = {"chat": self.chat, "from": self.user, "date": int(time.time())}
        return self.api.update(
            my_chat_member={**content, "old_chat_member": member(old), "new_chat_member": member(new)}
        )

    @property
    def messages(self) -> list[Shown]:
        return [one for one in list(self.api.bot.shown) if one.chat == self.id]

    def hears(self, seconds: float = 120) -> Shown:
        """The next message that was not heard yet."""
        until = time.monotonic() + seconds
        while len(self.messages) <= self.read:
            assert time.monotonic() < until, "nothing was said"
            time.sleep(0.01)
        self.read += 1
        return self.messages[self.read - 1]

    def hears_all(self) -> list[Shown]:
        """What was said and not heard yet, once the bot has confirmed everything."""
        self.api.settle()
        found = self.messages[self.read :]
        self.read = len(self.messages)
        return found

    def asks(self, text: str) -> Shown:
        """Type, and hear the last message of the answer."""
        self.types(text)
        return self.hears_all()[-1]
