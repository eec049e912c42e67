"""What the chat API takes and gives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.reply import Reply


class Taken(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SessionWanted(Taken):
    """Where the page that shows the chat belongs, by an id of the deployment's `sites.yml`. An unknown one is "not stated"."""

    site: Annotated[str, Field(max_length=60)] | None = None


class SessionMade(BaseModel):
    """The token of a new conversation, and the first thing to show."""

    token: str
    idle_minutes: float
    reply: Reply


class MessageTaken(Taken):
    """Exactly one of `text` (what a person typed) and `choice` (a payload that was offered)."""

    text: str | None = None
    choice: str | None = None

    @model_validator(mode="after")
    def exactly_one(self) -> MessageTaken:
        if (self.text is None) == (self.choice is None):
            raise ValueError("give exactly one of text and choice")
        return self


class RestMessage(BaseModel):
    """A message in the format of Rasa's REST channel."""

    model_config = ConfigDict(extra="ignore", strict=True)
    sender: Annotated[str, Field(min_length=1, max_length=200)] = "default"
    message: str


class RestButton(BaseModel):
    title: str
    payload: str


class RestReply(BaseModel):
    recipient_id: str
    text: str
    buttons: list[RestButton] = []


class Health(BaseModel):
    status: Literal["ok", "starting"]


class Problem(BaseModel):
    """What went wrong, in words that can be shown."""

    error: str
    message: str
