"""The country of files that name none."""

from __future__ import annotations

from zicht.errors import UsageError
from zicht.place.names import country_codes


def need_country(country: str | None, *, name: str, what: str) -> str:
    """The entity of the country that the user named.

    ``what`` is what the file holds of it, for the message.

    Raises:
        UsageError: the user named none, or something that is no country code.
    """
    if country is None:
        raise UsageError(
            f"{name} holds {what} and does not say of which country.",
            "Name it by its ISO 3166-1 code, for example --country IR.",
        )
    return f"country/{check_country(country)}"


def check_country(country: str) -> str:
    """The country code in upper case.

    Raises:
        UsageError: it is no ISO 3166-1 alpha-2 code.
    """
    if country.upper() not in country_codes():
        raise UsageError(
            f"{country!r} is no country code.", "Write two letters as in ISO 3166-1, such as IR."
        )
    return country.upper()
