"""Telegram by polling: private text messages and inline keyboards. Off unless a bot token is set.

Telegram itself keeps what people type there, and the first message says so. Chat ids are only ever hashed.
"""

from __future__ import annotations

import asyncio
import html
import logging
import secrets

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.conversation import Conversation, Message, MessageError
from bot.reply import Reply
from bot.sessions import SessionStore

logger = logging.getLogger("handrail.telegram")
LIMIT = 3800
FIRST_WORDS = (
    "This is Handrail, wellbeing support for prison and probation staff. Handrail keeps nothing you type, but Telegram does. "
    "If you would rather leave no trace, use Handrail on the staff intranet."
)
ONLY_TEXT = "I can only read text. Tell me in a few words what is going on."
ERASED = "Done. I have forgotten this conversation. Telegram still shows it: you can delete the chat there."


def split_at_paragraphs(text: str, limit: int = LIMIT) -> list[str]:
    """`text` in pieces of at most `limit` characters, cut between paragraphs where that is possible."""
    pieces: list[str] = []
    for block in text.split("\n\n"):
        while len(block) > limit:
            pieces.append(block[:limit])
            block = block[limit:]
        if pieces and len(pieces[-1]) + len(block) + 2 <= limit:
            pieces[-1] += "\n\n" + block
        else:
            pieces.append(block)
    return pieces


class TelegramChannel:
    """Turns updates into `Conversation.receive` and replies into messages."""

    def __init__(self, conversation: Conversation, sessions: SessionStore) -> None:
        self._conversation = conversation
        self._sessions = sessions
        self._salt = secrets.token_hex(16)

    async def on_start(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.effective_message:
            await update.effective_message.reply_text(FIRST_WORDS)
            await self._answer(update, Message(text="hello"))

    async def on_erase(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        session = self._sessions.forget(self._name(update))
        if session:
            self._conversation.forget(session)
        if update.effective_message:
            await update.effective_message.reply_text(ERASED)

    async def on_text(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        await self._answer(update, Message(text=update.effective_message.text if update.effective_message else ""))

    async def on_choice(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.callback_query:
            await update.callback_query.answer()
            await self._answer(update, Message(choice=update.callback_query.data or ""))

    async def on_anything_else(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.effective_message:
            await update.effective_message.reply_text(ONLY_TEXT)

    async def on_error(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        logger.error("telegram_failed kind=%s", type(context.error).__name__)

    def _name(self, update: Update) -> str:
        chat = update.effective_chat
        return f"telegram:{self._salt}:{chat.id if chat else ''}"

    async def _answer(self, update: Update, message: Message) -> None:
        session = self._sessions.for_name(self._name(update))
        try:
            outcome = await asyncio.to_thread(self._conversation.receive, session, message)
            reply = outcome.reply
        except MessageError as error:
            reply = Reply(paragraphs=[str(error)])
        pieces = split_at_paragraphs(reply.as_text(with_choices=False))
        buttons = [[InlineKeyboardButton(choice.label, callback_data=choice.payload[:64])] for choice in reply.choices]
        for number, piece in enumerate(pieces, 1):
            markup = InlineKeyboardMarkup(buttons) if buttons and number == len(pieces) else None
            if update.effective_message:
                await update.effective_message.reply_text(
                    html.escape(piece, quote=False), parse_mode=ParseMode.HTML, reply_markup=markup
                )


def build_application(conversation: Conversation, sessions: SessionStore, token: str, api: str) -> Application:  # type: ignore[type-arg]
    """The python-telegram-bot application, for private chats only."""
    channel = TelegramChannel(conversation, sessions)
    application = ApplicationBuilder().token(token).base_url(f"{api}/bot").base_file_url(f"{api}/file/bot").build()
    private = filters.ChatType.PRIVATE
    application.add_handler(CommandHandler(["start", "help", "privacy"], channel.on_start, private))
    application.add_handler(CommandHandler(["erase", "stop"], channel.on_erase, private))
    application.add_handler(MessageHandler(private & filters.TEXT & ~filters.COMMAND, channel.on_text))
    application.add_handler(CallbackQueryHandler(channel.on_choice))
    application.add_handler(MessageHandler(private & ~filters.TEXT, channel.on_anything_else))
    application.add_error_handler(channel.on_error)
    return application


def run_polling(conversation: Conversation, sessions: SessionStore, token: str, api: str) -> None:
    """Poll until stopped."""
    build_application(conversation, sessions, token, api).run_polling(allowed_updates=Update.ALL_TYPES)
