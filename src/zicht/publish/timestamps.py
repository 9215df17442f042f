"""Time stamps: a third party's word that some bytes were there at a time (RFC 3161)."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from zicht.errors import InputError, SourceUnreachableError

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

QUERY_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"
"""Media types (RFC 3161, section 3.4)."""

_GRANTED = 0  # PKIStatus, RFC 3161, section 2.4.2


def timestamp_request(data: bytes) -> bytes:
    """What to send to an authority about some bytes: their SHA-256, a nonce, no more."""
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    return request.as_bytes()


def check_answer(data: bytes, answer: bytes, host: str) -> datetime:
    """The time that an authority states of some bytes.

    Raises:
        SourceUnreachableError: it states none, or of other bytes.
    """
    stated = stamped_at(data, answer)
    if stated is None:
        raise SourceUnreachableError(
            f"{host} gave no time stamp of these bytes.", "Try again, or ask another authority."
        )
    return stated


def stamped_at(data: bytes, answer: bytes) -> datetime | None:
    """The time that a time stamp states of some bytes, whoever made it.

    ``None`` where it is no time stamp, was not granted, or is of other bytes.
    """
    response = _decoded(answer)
    if response is None or response.status != _GRANTED:
        return None
    try:
        # Without a certificate to trust, what it says is read and nothing else is checked.
        imprint = response.tst_info.message_imprint
        time = response.tst_info.gen_time
    except ValueError:
        return None
    return time.astimezone(UTC) if imprint.message == _digest(data) else None


def vouches(data: bytes, answer: bytes, certificates: bytes) -> str | None:
    """Why a time stamp is not vouched for by one of these certificates, or ``None`` if it is.

    Args:
        data: what was stamped.
        answer: the authority's answer.
        certificates: the root certificates that are trusted, in PEM.

    Raises:
        InputError: these are no certificates.
    """
    try:
        roots = load_pem_x509_certificates(certificates)
    except ValueError as error:
        raise InputError(f"These are no certificates in PEM: {error}.") from error
    response = _decoded(answer)
    if response is None:
        return "it is no time stamp"
    try:
        VerifierBuilder(roots=roots).build().verify_message(response, data)
    except (VerificationError, ValueError) as error:
        return str(error)
    return None


def _decoded(answer: bytes) -> TimeStampResponse | None:
    try:
        return decode_timestamp_response(answer)
    except ValueError:
        return None


def _digest(data: bytes) -> bytes:

    return sha256(data).digest()
