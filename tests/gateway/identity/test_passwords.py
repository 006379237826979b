"""What a password costs whoever would guess it (RFC 9106 §4, second recommendation)."""

import pytest
from argon2 import PasswordHasher

from gateway.identity.users import passwords
from gateway.identity.users.passwords import Passwords


async def test_a_password_is_hashed_by_argon2id_at_its_recommended_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PasswordHasher", PasswordHasher)
    hashed = await Passwords().hash("correct horse")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_only_the_password_fits_and_nobody_has_one() -> None:
    known = Passwords()
    kept = await known.hash("correct horse")
    assert await known.verify(kept, "correct horse")
    assert not await known.verify(kept, "correct horse ")
    assert not await known.verify(None, "nobody has this password")
    assert not await known.verify("not a hash", "correct horse")
