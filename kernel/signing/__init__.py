"""Signing profiles and their verification, one a file; pure functions on bytes and text."""
