"""Sign-in of managers, tuners and admins. Staff who chat never sign in, and the chat API neither sets nor reads these cookies.

How to protect a page or an endpoint:

    from api.sign_in import Person, Role, require

    @router.get("/dashboard")
    def dashboard(person: Person = Depends(require(Role.MANAGER))) -> HTMLResponse:
        return page("dashboard/uptake.html", person=person, ...)     # from api.pages; extends govuk_base.html

    @router.get("/usage/sessions")
    def sessions(person: Person = Depends(require(Role.MANAGER, api=True))) -> SessionsTable: ...

- `Role`: MANAGER, TUNER, ADMIN. None includes another.
- `Person(roles, csrf_token)`: nothing else is known of anybody.
- `require(role, api=False)`: a page without a session goes to `/sign-in?next=...` (303) or, when the session is over, shows a
  page that says so (401); API calls get `{"error", "message"}` with 401; without the role, 403 as a page or JSON.
- Forms: every request other than GET, HEAD and OPTIONS is checked by `require` itself. Put
  `<input type="hidden" name="csrf_token" value="{{ person.csrf_token }}">` into each form, or send `X-CSRF-Token`.
- `add_sign_in(app, sign_in_settings, settings)`: adds `/sign-in`, `/sign-out`, the pages, and what answers the errors above.
- In tests of a page: `app.dependency_overrides[signed_in] = lambda: Person(frozenset({Role.MANAGER}), "token")`.
"""

from __future__ import annotations

from api.sign_in.add import SignIn, add_sign_in
from api.sign_in.guard import ForgedRequestError, RoleMissingError, SignInNeededError, check_csrf, require, signed_in
from api.sign_in.people import Person, Role
from api.sign_in.settings import SignInSettings, load_sign_in_settings

__all__ = [
    "ForgedRequestError",
    "Person",
    "Role",
    "RoleMissingError",
    "SignIn",
    "SignInNeededError",
    "SignInSettings",
    "add_sign_in",
    "check_csrf",
    "load_sign_in_settings",
    "require",
    "signed_in",
]
