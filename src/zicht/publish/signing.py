"""Signatures of packs: Ed25519 (RFC 8032), so that who made one can be told.

The key lies in a file of its own, PKCS #8 in PEM (RFC 5958), readable by its owner alone. Others
know its owner by the public key, 64 hexadecimal digits, which should be published where people
know that owner from.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from zicht.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_ALGORITHM = "Ed25519"


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """A signature as it stands in a pack; key and signature are in hexadecimal."""

    algorithm: str = _ALGORITHM
    public_key: str
    signature: str


def read_or_make_key(path: Path) -> tuple[Ed25519PrivateKey, bool]:
    """The key of a file, and whether it had to be made.

    Raises:
        InputError: the file cannot be read or made, or holds no such key.
    """
    try:
        try:
            return _read_key(path), False
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return _make_key(path), True
    except OSError as error:
        raise InputError(
            f"The key {path} cannot be read or made: {error.strerror}.", "Name another with --key."
        ) from error


def public_text(key: Ed25519PrivateKey) -> str:
    """The public key that belongs to a key, 64 hexadecimal digits."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def sign(data: bytes, key: Ed25519PrivateKey) -> bytes:
    """A signature of some bytes, as it stands in a pack."""
    signed = Signature(public_key=public_text(key), signature=key.sign(data).hex())
    return msgspec.json.format(msgspec.json.encode(signed), indent=2) + b"\n"


def signer_of(data: bytes, written: bytes) -> str | None:
    """The public key that signed some bytes; ``None`` where the signature does not hold."""
    try:
        stated = msgspec.json.decode(written, type=Signature)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(stated.public_key))
        key.verify(bytes.fromhex(stated.signature), data)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, InvalidSignature):
        return None
    return stated.public_key.lower() if stated.algorithm == _ALGORITHM else None


def _read_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(
            f"{path} holds no key that can sign.",
            "It should hold an Ed25519 key without a password: openssl genpkey -algorithm ed25519.",
        )
    return key


def _make_key(path: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(written)
    return key
