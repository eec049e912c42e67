"""What is kept is encrypted with a key that only the browser holds: whoever reads the store learns nothing."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def name_of(kind: str, secret: str) -> str:
    """The key in the store of what `secret` opens: it cannot be turned back into `secret`."""
    return f"handrail:{kind}:{hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()}"


def seal(kind: str, secret: str, content: bytes) -> bytes:
    """`content`, encrypted for whoever holds `secret`, which must be random of 128 bits or more."""
    return _box(kind, secret).encrypt(content)


def unseal(kind: str, secret: str, sealed: bytes) -> bytes | None:
    """What was sealed, or None when the secret is another or the content was changed."""
    try:
        return _box(kind, secret).decrypt(sealed)
    except InvalidToken:
        return None


def _box(kind: str, secret: str) -> Fernet:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"handrail {kind}".encode())
    return Fernet(base64.urlsafe_b64encode(derive.derive(secret.encode("utf-8", "surrogatepass"))))
