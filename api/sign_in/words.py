"""What people are told: each page's heading, paragraphs and status, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from api.sign_in.people import Role


@dataclass(frozen=True)
class Words:
    """A page of plain words. `action` is the text of its button, if it has one."""

    status: int
    code: str
    heading: str
    paragraphs: tuple[str, ...]
    action: str | None = None


AGAIN = "Sign in again"
ROLE_NAMES = {Role.MANAGER: "managers", Role.TUNER: "people who tune Handrail", Role.ADMIN: "administrators"}

NEEDED = Words(401, "sign-in-needed", "Sign in first", ("You need to sign in to see this page.",), "Sign in")
ENDED = Words(
    401,
    "session-ended",
    "You have been signed out",
    (
        "This happens when you have not used these pages for a while, when you have been signed in for long, or when you signed out.",
        "If you were filling in a form, please fill it in again.",
    ),
    AGAIN,
)
SIGNED_OUT = Words(
    200, "signed-out", "You have signed out", ("On a shared computer, close the browser as well.",), AGAIN
)
FORGED = Words(
    403,
    "forged-request",
    "We could not do that",
    ("The form was too old, or came from another website. Nothing was changed.", "Go back, load the page again, then try once more."),
)  # fmt: skip
TOO_MANY = Words(
    429, "too-many-attempts", "Too many tries", ("Someone here has tried to sign in many times.", "Wait one minute, then try again.")
)  # fmt: skip
AWAY = Words(
    503,
    "sign-in-away",
    "Sorry, signing in does not work at the moment",
    (
        "Your organisation's sign-in service cannot be reached, or does not answer as it should.",
        "Try again in a few minutes. If it goes on, tell whoever runs Handrail for you.",
        "Staff can still chat: that needs no sign-in.",
    ),
    "Try again",
)
NOT_SET_UP = Words(
    503,
    "sign-in-not-set-up",
    "Sign-in is not set up",
    ("Whoever runs Handrail for you has to set it up first. Their guide is docs/sign-in.md.", "Staff can chat without it."),
)  # fmt: skip
USED_STATE = Words(
    400,
    "sign-in-not-begun",
    "Please start again",
    ("This sign-in was already used, took longer than 10 minutes, or was begun in another browser.",),
    "Sign in",
)
NO_ROLES = Words(
    403,
    "no-role",
    "You cannot use these pages yet",
    (
        "You have signed in, but your account is not in a group that may use Handrail's pages.",
        "Ask whoever looks after Handrail in your organisation. If you have another account, you can use that one.",
    ),
    "Use another account",
)
NOT_THIS_COMPUTER = Words(
    403,
    "not-this-computer",
    "Only on the computer itself",
    ("Without a sign-in provider, these pages can only be used on the computer that runs Handrail.",),
)

CANCELLED = ("The sign-in was cancelled, or your organisation does not let your account use Handrail.",)
NOT_TRUSTED = (
    "The answer of your organisation's sign-in service did not pass our checks, so we did not sign you in.",
    "Try again. If it goes on, tell whoever runs Handrail for you.",
)
TOO_OLD = ("The answer of your organisation's sign-in service was too old.", "Try again. If it goes on, a clock may be wrong.")  # fmt: skip
PARAGRAPHS_OF = {
    "access_denied": CANCELLED,
    "login_required": CANCELLED,
    "interaction_required": CANCELLED,
    "consent_required": CANCELLED,
    "account_selection_required": CANCELLED,
    "token-expired": TOO_OLD,
}
AWAY_REASONS = frozenset({"temporarily_unavailable", "server_error"})
KNOWN_REASONS = frozenset(PARAGRAPHS_OF) | AWAY_REASONS | {"invalid_request", "invalid_scope", "unauthorized_client"}


def refused(reason: str) -> Words:
    """The page for a sign-in that was refused for `reason`."""
    return Words(
        403, "sign-in-refused", "We could not sign you in", PARAGRAPHS_OF.get(reason, NOT_TRUSTED), "Try again"
    )


def role_missing(role: Role) -> Words:
    """The page for someone who is signed in, but not as `role`."""
    words = (
        f"This page is for {ROLE_NAMES[role]}. Your account does not have that role.",
        "If you should have it, ask whoever looks after Handrail in your organisation. Then sign out and sign in again.",
    )
    return Words(403, "role-missing", "You cannot see this page", words)
