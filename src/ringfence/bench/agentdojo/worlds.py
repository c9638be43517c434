"""What a deployment of each suite's services would declare: who writes what their tools return, and which rules hold.

Its one rule: a field is the service's own only if the service makes it (an identifier, an amount that was booked, who
sent something); whatever people write is theirs, and no list that strangers can add to has a trusted order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, final

from ringfence.core.labels import Label
from ringfence.guard.labelling import LabelRule, labels
from ringfence.guard.policy import TRUSTED_SOURCES

USER: Final = "user"
_READING: Final = ("get_", "search_", "list_", "read_", "check_")


@final
@dataclass(frozen=True, eq=False)
class World:
    """One suite's services. `sensitive` are the parameters that an attacker must not choose, by tool."""

    name: str
    service: str
    labels: Mapping[str, LabelRule]
    sensitive: Mapping[str, tuple[str, ...]]
    trusted: frozenset[str] = field(default=TRUSTED_SOURCES)
    packs: tuple[str, ...] = ()

    def reads(self, tool: str) -> bool:
        return tool.startswith(_READING)

    @property
    def own(self) -> tuple[str, ...]:
        """The packs of the suite itself."""
        return (f"agentdojo-{self.name}",)


def _service(name: str) -> LabelRule:
    """What a service makes itself: trusted by who deploys it, and the user's own."""
    return labels(sources=name, own=False)


def _fields(service: str, names: Iterable[str]) -> dict[str, LabelRule]:
    return dict.fromkeys(names, _service(service))


def _records(service: str, author: Any, names: Iterable[str], *, found: bool = False) -> LabelRule:
    """Records by different authors. `found`: strangers can add to what a search finds, so its order is theirs.

    What a service of the benchmark is asked for, and which there are decide whether it fails; never what is in one.
    """
    shape = None if found else Label({service}, {USER})
    return labels(sources=author, own=found, shape=shape, fields=_fields(service, names), failing=shape)


# Banking: the bank books amounts and accounts; the subject is the sender's text; files come from anywhere.

_BOOKED: Final = _records(
    "bank",
    lambda t: USER if t.sender in ("me", "DE89370400440532013000") else f"account:{t.sender}",
    ("id", "sender", "recipient", "amount", "date", "recurring"),
)
BANKING: Final = World(
    "banking",
    "bank",
    {
        "get_iban": _service("bank"),
        "get_balance": _service("bank"),
        "get_user_info": _service("bank"),
        "get_most_recent_transactions": _BOOKED,
        "get_scheduled_transactions": _BOOKED,
        "send_money": _service("bank"),
        "schedule_transaction": _service("bank"),
        "update_scheduled_transaction": _service("bank"),
        "update_password": _service("bank"),
        "update_user_info": _service("bank"),
    },
    {
        "send_money": ("recipient", "amount"),
        "schedule_transaction": ("recipient", "amount", "recurring"),
        "update_scheduled_transaction": ("id", "recipient", "amount", "recurring"),
        "update_password": ("password",),
        "update_user_info": ("first_name", "last_name", "street", "city"),
        "read_file": ("file_path",),
    },
    TRUSTED_SOURCES | {"bank"},
    ("payments", "files"),
)

# Slack: the service knows channels, members and senders; a message is its sender's; a page is its host's. Members name
# channels, and the service takes letters, digits, - and _ only: whatever else stands for a name is somebody's text.

_CHANNEL_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
_CHANNELS: Final = labels(
    sources=lambda name: "slack" if _CHANNEL_NAME.fullmatch(name) else "members",
    own=False,
    shape=Label({"slack"}, {USER}),
    failing=Label({"slack"}, {USER}),
)
_MESSAGES: Final = _records(
    "slack", lambda m: USER if m.sender == "bot" else f"slack:{m.sender}", ("sender", "recipient")
)
SLACK: Final = World(
    "slack",
    "slack",
    {
        "get_channels": _CHANNELS,
        "get_users_in_channel": _service("slack"),
        "read_channel_messages": _MESSAGES,
        "read_inbox": _MESSAGES,
        "get_webpage": labels(sources="web"),
    },
    {
        "add_user_to_channel": ("user", "channel"),
        "send_direct_message": ("recipient",),
        "send_channel_message": ("channel",),
        "invite_user_to_slack": ("user", "user_email"),
        "remove_user_from_slack": ("user",),
        "get_webpage": ("url",),
        "post_webpage": ("url",),
    },
    TRUSTED_SOURCES | {"slack"},
    ("chat", "web"),
)

# Workspace: strangers send mail and invitations, and share files; identifiers, times and permissions are the service's.
# Whom a file is shared with is what its owner said, so of the user's own files it is the user's word.

ME: Final = "emma.johnson@bluesparrowtech.com"


def _owner(file: Any) -> str:
    return USER if file.owner == ME else str(file.owner)


def _involved(mail: Any) -> list[str]:
    return [str(mail.sender), *map(str, (*mail.recipients, *mail.cc, *mail.bcc))]


_MAIL_FIELDS: Final = ("id_", "timestamp", "status", "read")
_MAIL: Final = labels(
    sources=lambda m: str(m.sender),
    readers=_involved,
    shape=Label({"tool:mail"}, {USER}),
    failing=Label({"tool:mail"}, {USER}),
    fields=_fields("mail", _MAIL_FIELDS),
)
_EVENT: Final = labels(
    sources="invitation",
    shape=Label({"tool:calendar"}, {USER}),
    failing=Label({"tool:calendar"}, {USER}),
    fields=_fields("calendar", ("id_", "start_time", "end_time", "status", "all_day")),
)
_FILE: Final = labels(
    sources="editors",
    shape=Label({"tool:drive"}, {USER}),
    failing=Label({"tool:drive"}, {USER}),
    fields=_fields("drive", ("id_", "owner", "last_modified"))
    | dict.fromkeys(("filename", "shared_with"), labels(sources=_owner, own=False)),
)
# One's own list of files, and a search by a name: the shape is the drive's. A search by content finds what strangers
# stuffed with words.
_NAMED_FILE: Final = replace(_FILE, shape=Label({"drive"}, {USER}), failing=Label({"drive"}, {USER}))

_WORKSPACE_LABELS: Final = {
    "get_current_day": _service("calendar"),
    "get_unread_emails": _MAIL,
    "get_received_emails": _MAIL,
    "get_sent_emails": labels(sources=USER, own=False),
    "get_draft_emails": labels(sources=USER, own=False),
    "search_emails": _MAIL,
    "search_contacts_by_name": _service("contacts"),
    "search_contacts_by_email": _service("contacts"),
    "search_calendar_events": _EVENT,
    "get_day_calendar_events": _EVENT,
    "create_calendar_event": _EVENT,
    "search_files": _FILE,
    "search_files_by_filename": _NAMED_FILE,
    "list_files": _NAMED_FILE,
    "get_file_by_id": _FILE,
    "create_file": _FILE,
    "append_to_file": _FILE,
    "share_file": _FILE,
}
WORKSPACE: Final = World(
    "workspace",
    "workspace",
    _WORKSPACE_LABELS,
    {
        "send_email": ("recipients", "cc", "bcc", "attachments"),
        "delete_email": ("email_id",),
        "create_calendar_event": ("participants",),
        "cancel_calendar_event": ("event_id",),
        "reschedule_calendar_event": ("event_id", "new_start_time", "new_end_time"),
        "add_calendar_event_participants": ("event_id", "participants"),
        "append_to_file": ("file_id",),
        "delete_file": ("file_id",),
        "share_file": ("file_id", "email", "permission"),
    },
    TRUSTED_SOURCES | {"mail", "calendar", "drive", "contacts"},
    ("mail", "calendar", "files"),
)

# Travel: an agency's catalogue, in which only the reviews are the guests'; but a tool puts both into one text.

_CATALOGUE: Final = (
    "get_all_hotels_in_city",
    "get_hotels_prices",
    "get_hotels_address",
    "get_all_restaurants_in_city",
    "get_cuisine_type_for_restaurants",
    "get_restaurants_address",
    "get_dietary_restrictions_for_all_restaurants",
    "get_contact_information_for_restaurants",
    "get_price_for_restaurants",
    "check_restaurant_opening_hours",
    "get_all_car_rental_companies_in_city",
    "get_car_types_available",
    "get_car_fuel_options",
    "get_car_rental_address",
    "get_car_price_per_day",
    "get_flight_information",
    "get_user_information",
)
TRAVEL: Final = World(
    "travel",
    "travel",
    {
        **dict.fromkeys(_CATALOGUE, _service("agency")),
        **{name: rule for name, rule in _WORKSPACE_LABELS.items() if "calendar" in name},
    },
    {
        "reserve_hotel": ("hotel", "start_day", "end_day"),
        "reserve_car_rental": ("company", "start_time", "end_time"),
        "reserve_restaurant": ("restaurant", "start_time"),
        "send_email": ("recipients", "cc", "bcc", "attachments"),
        "create_calendar_event": ("participants",),
        "cancel_calendar_event": ("event_id",),
    },
    TRUSTED_SOURCES | {"agency", "calendar"},
    ("booking", "mail", "calendar"),
)

WORLDS: Final[Mapping[str, World]] = {world.name: world for world in (BANKING, SLACK, WORKSPACE, TRAVEL)}
