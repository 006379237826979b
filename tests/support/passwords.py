"""Passwords whose hashes cost next to nothing; what they cost in the product, a test of theirs knows."""

from functools import partial
from typing import Final

from argon2 import PasswordHasher

CHEAP_HASHER: Final = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
