"""The country of files that name none, and operators in a country."""

from __future__ import annotations

from zicht.errors import UsageError
from zicht.place.names import country_codes
from zicht.place.operators import operator


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


def operator_entity(asn: int, country: str) -> str:
    """The entity of an operator as it is seen in a country.

    ``asn/9198`` in the country that the operator is at home in, ``asn/9198/RU`` anywhere else, and
    where it is not known where it is at home: what is counted in one country is not the whole.
    """
    return f"asn/{asn}" if home(asn) == country else f"asn/{asn}/{country}"


def home(asn: int) -> str | None:
    """The country that an operator is at home in, by the project's table of operators."""
    known = operator(asn)
    return None if known is None else known.country
