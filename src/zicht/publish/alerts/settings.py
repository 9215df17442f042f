"""What a user may set about alerts: rules, quiet hours, channels."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

import msgspec

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Minutes = Annotated[float, msgspec.Meta(ge=0)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Kind = Literal["mobile", "fixed", "mixed", "transit", "academic", "unknown"]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events are told; all that a rule states must hold.

    Attributes:
        entities: countries, regions or operators; none means all. A country brings its operators.
        level: ``alert``, or ``notice`` for weaker evidence too.
        below_percent: told once connectivity fell below it, in percent of ordinary.
        lasting_minutes: told once it lasted so long.
        operator_kinds: told where an operator of such a kind is down; none means whoever is.
        despite_quiet_hours: told in quiet hours too.
    """

    entities: tuple[str, ...] = ()
    level: Literal["alert", "notice"] = "alert"
    below_percent: Percent = 100.0
    lasting_minutes: Minutes = 0.0
    operator_kinds: tuple[Kind, ...] = ()
    despite_quiet_hours: bool = False


class QuietHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When nothing is sent; what came up meanwhile is told afterwards, once.

    Attributes:
        begin: local time, such as 22:00.
        end: local time; before ``begin`` means the next day.
        zone: an IANA time zone, such as Europe/Amsterdam.
    """

    begin: time
    end: time
    zone: str = "UTC"


class _Common(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all channels have.

    Attributes:
        name: what the channel is called.
        rules: which events it is told of; any of them suffices. Without any: all events of the
            level ``alert``.
        public: what is sent there can be read by anybody.
        embargo: a person confirms each public message first. Without it, messages about countries
            and regions go out by themselves, naming no operator; those about operators still wait.
        quiet_hours: when nothing is sent.
        update_minutes: updates of one event are at least so far apart.
        language: of the text.
        health: whether it is told when sources cannot see.
        simulated: whether it is told of the lab's events too.
    """

    name: Name
    rules: tuple[Rule, ...] = (Rule(),)
    public: bool = False
    embargo: bool = True
    quiet_hours: QuietHours | None = None
    update_minutes: Minutes = 60.0
    language: Literal["en", "nl"] = "en"
    health: bool = True
    simulated: bool = False


class Messenger(_Common, frozen=True, kw_only=True, tag_field="kind", tag="messenger"):
    """A messenger, mail and so on, through Apprise.

    Attributes:
        address_variable: the environment's variable with Apprise's address of it, a secret.
    """

    address_variable: str


class Webhook(_Common, frozen=True, kw_only=True, tag_field="kind", tag="webhook"):
    """An address that is told by POST of JSON, signed.

    Attributes:
        address: of https, or of http on this machine.
        secret_variable: the environment's variable with the secret that signs.
    """

    address: str
    secret_variable: str


class Atom(_Common, frozen=True, kw_only=True, tag_field="kind", tag="atom"):
    """A feed in a file (RFC 4287).

    Attributes:
        file: its path.
        entries: the most entries in it.
    """

    file: str
    entries: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100


class Cap(_Common, frozen=True, kw_only=True, tag_field="kind", tag="cap"):
    """Files of the Common Alerting Protocol 1.2, one a message.

    Attributes:
        folder: where they are written.
        sender: who issues them, such as observatory@example.org.
        status: ``Exercise`` and ``Test`` keep authorities from acting; ``Actual`` is for those who
            may issue warnings.
    """

    folder: str
    sender: str
    status: Literal["Exercise", "Test", "Actual"] = "Exercise"


Channel = Messenger | Webhook | Atom | Cap
