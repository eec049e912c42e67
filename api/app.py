"""The FastAPI app: the chat API, Rasa's REST channel format, the page at /, and errors that never repeat what was sent."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext

from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.schemas import Health, MessageTaken, Problem, RestButton, RestMessage, RestReply, SessionMade, SessionWanted
from api.telegram import ADDRESS, MAX_UPDATE, add_telegram
from api.usage.recorder import UsageRecorder
from api.widget import add_widget
from bot.channels.telegram.runner import Telegram
from bot.conversation import ALWAYS_OFFERED, Conversation, Message, MessageError, Outcome
from bot.once import KeyReusedError
from bot.reply import MAX_TEXT, Reply
from bot.sessions import Session, SessionStore
from bot.settings import Settings

MAX_BODY = 32_768
FIELDS = {"text", "choice", "site", "sender", "message", "body", "idempotency-key"}
STATUS_OF = {"empty": 422, "too-long": 413, "not-offered": 409}
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
logger = logging.getLogger("handrail.api")


class ChatError(Exception):
    """An error with a status, a code and words for the person."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


def create_app(
    conversation: Conversation,
    sessions: SessionStore,
    settings: Settings,
    usage: UsageRecorder | None = None,
    telegram: Telegram | None = None,
) -> FastAPI:
    """The app over a conversation and a session store; `telegram` is answered for as long as the app is served."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with telegram or nullcontext():
            yield
        if usage is not None:
            await run_in_threadpool(usage.close)

    app = FastAPI(title="Handrail", version="0.1.0", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.conversation = conversation
    greeting = conversation.safe.greeting()
    answers = {401: {"model": Problem}, 409: {"model": Problem}, 413: {"model": Problem}, 422: {"model": Problem}}
    _add_errors(app)
    _add_headers(app)

    def session_of(authorization: str | None = Header(default=None)) -> Session:
        scheme, _, token = (authorization or "").partition(" ")
        known = scheme.lower() == "bearer" and token and ":" not in token  # a colon is in the names of other channels
        session = sessions.find(token) if known else None
        if session is None:
            raise ChatError(401, "unknown-session", "This conversation has ended. Start a new one.")
        return session

    def answer(session: Session, message: Message, channel: str) -> Outcome:
        outcome = conversation.receive(session, message)
        if usage is not None:
            usage.record(session, outcome, channel, message.choice)
        return outcome

    @app.get("/chat/greeting", tags=["chat"])
    async def greet() -> Reply:
        """The first thing to show. No conversation is started until someone writes."""
        return greeting

    @app.post("/chat/sessions", status_code=201, tags=["chat"])
    def make_session(taken: SessionWanted | None = None) -> SessionMade:
        """Start a conversation. Keep the token in memory only; it ends after the idle time."""
        try:
            token, session = sessions.create()
        except MemoryError:
            raise ChatError(503, "busy", "Too many people are here now. Try again in a minute.") from None
        session.site = taken.site if taken else None
        session.offer([choice.payload for choice in greeting.choices])
        return SessionMade(token=token, idle_minutes=settings.idle_minutes, reply=greeting)

    @app.post("/chat/messages", tags=["chat"], responses=answers)  # type: ignore[arg-type]
    def receive_message(
        taken: MessageTaken,
        session: Session = Depends(session_of),
        idempotency_key: str | None = Header(default=None, pattern=r"^[A-Za-z0-9_-]{8,64}$"),
    ) -> Reply:
        """Send what a person typed or chose, and get the structured reply.

        A message that is sent again with the same Idempotency-Key gets the reply it had, and counts once.
        """

        def make() -> Reply:
            return answer(session, Message(taken.text, taken.choice), "web").reply

        return session.once.answer(idempotency_key, taken.model_dump_json(), make) if idempotency_key else make()

    @app.delete("/chat/sessions", status_code=204, tags=["chat"], responses={401: {"model": Problem}})
    def forget_session(
        session: Session = Depends(session_of), authorization: str | None = Header(default=None)
    ) -> None:
        """Forget the conversation now."""
        conversation.forget(session)
        sessions.forget((authorization or "").partition(" ")[2])

    @app.post("/webhooks/rest/webhook", tags=["rasa"], responses={413: {"model": Problem}, 422: {"model": Problem}})
    def rest_webhook(taken: RestMessage) -> list[RestReply]:
        """Rasa's REST channel. A message that is a payload offered before, or always, counts as that choice."""
        session = sessions.for_name(f"rest:{taken.sender}")
        offered = taken.message in session.offered | ALWAYS_OFFERED
        message = Message(choice=taken.message) if offered else Message(text=taken.message)
        reply = answer(session, message, "rest").reply
        buttons = [RestButton(title=choice.label, payload=choice.payload) for choice in reply.choices]
        text = reply.as_text(with_choices=False)
        return [RestReply(recipient_id=taken.sender, text=text, buttons=buttons)]

    @app.get("/health", tags=["operation"])
    def health() -> Health:
        """Whether the dialogue engine is loaded."""
        return Health(status="ok" if conversation.engine is not None else "starting")

    if telegram is not None and telegram.by_webhook:
        add_telegram(app, telegram)
    add_widget(app, conversation.safe.directory.helplines, settings.embed_origins)
    return app


def _add_errors(app: FastAPI) -> None:
    def told(status: int, code: str, message: str) -> JSONResponse:
        return JSONResponse({"error": code, "message": message}, status_code=status)

    @app.exception_handler(ChatError)
    async def chat_error(request: Request, error: ChatError) -> JSONResponse:
        return told(error.status, error.code, error.message)

    @app.exception_handler(MessageError)
    async def message_error(request: Request, error: MessageError) -> JSONResponse:
        return told(STATUS_OF[error.code], error.code, str(error))

    @app.exception_handler(KeyReusedError)
    async def key_reused(request: Request, error: KeyReusedError) -> JSONResponse:
        return told(422, "key-reused", "This Idempotency-Key came before with another message. Use a new one.")

    @app.exception_handler(RequestValidationError)
    async def wrong_form(request: Request, error: RequestValidationError) -> JSONResponse:
        fields = sorted({".".join(str(part) for part in found["loc"][1:]) or "body" for found in error.errors()})
        known = [field for field in fields if field in FIELDS]
        return told(422, "wrong-form", f"The request is not in the right form: {', '.join(known) or 'body'}.")

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        words = {404: "There is nothing at this address.", 405: "That method is not allowed here."}
        return told(error.status_code, "http", words.get(error.status_code, "The request could not be answered."))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.error("request_failed kind=%s", type(error).__name__)
        return told(500, "internal", "Something went wrong here. If you need someone now, ring 116 123 (Samaritans).")


def _add_headers(app: FastAPI) -> None:
    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        length = request.headers.get("content-length", "0")
        most = MAX_UPDATE if request.url.path == ADDRESS else MAX_BODY
        response: Response
        if "chunked" in request.headers.get("transfer-encoding", ""):
            response = JSONResponse({"error": "no-length", "message": "Say how long the body is."}, status_code=411)
        elif length.isdigit() and int(length) > most:
            problem = {"error": "too-long", "message": f"That is too long. Please use {MAX_TEXT} characters or fewer."}
            response = JSONResponse(problem, status_code=413)
        else:
            response = await call_next(request)
        if "Content-Security-Policy" not in response.headers:
            response.headers.update({"Content-Security-Policy": CSP, "X-Frame-Options": "DENY"})
        vendor = request.url.path.startswith("/static/vendor/") and response.status_code in (200, 304)
        response.headers.setdefault("Cache-Control", "no-cache" if vendor else "no-store")
        response.headers.update(
            {
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
                "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
            }
        )
        return response
