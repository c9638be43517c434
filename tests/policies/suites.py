"""Tools as common servers and benchmarks have them: names and parameters, without their work."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ringfence.guard.tools import Tool, tool


@dataclass
class Email:
    id_: str
    sender: str
    recipients: list[str]
    cc: list[str]
    subject: str
    body: str


@dataclass
class Event:
    id_: str
    title: str
    participants: list[str]


@dataclass
class CloudFile:
    id_: str
    filename: str
    owner: str
    shared_with: dict[str, str] = field(default_factory=dict)


@dataclass
class Transaction:
    id: int
    sender: str
    recipient: str
    amount: float
    subject: str


def workspace() -> list[Tool]:
    def send_email(
        recipients: list[str],
        subject: str,
        body: str,
        attachments: list[Any] | None = None,
        cc: list[str] | None = None,
        bcc: list[str] | None = None,
    ) -> Any: ...
    def delete_email(email_id: str) -> Any: ...
    def get_unread_emails() -> list[Email]: ...  # type: ignore[empty-body]
    def search_emails(query: str, sender: str | None = None) -> list[Email]: ...  # type: ignore[empty-body]
    def search_contacts_by_name(query: str) -> list[Any]: ...  # type: ignore[empty-body]
    def create_calendar_event(
        title: str,
        start_time: str,
        end_time: str,
        description: str = "",
        participants: list[str] | None = None,
        location: str | None = None,
    ) -> Any: ...
    def add_calendar_event_participants(event_id: str, participants: list[str]) -> Any: ...
    def reschedule_calendar_event(event_id: str, new_start_time: str, new_end_time: str | None = None) -> Any: ...
    def cancel_calendar_event(event_id: str) -> str: ...  # type: ignore[empty-body]
    def get_day_calendar_events(day: str) -> list[Event]: ...  # type: ignore[empty-body]
    def get_current_day() -> str: ...  # type: ignore[empty-body]
    def create_file(filename: str, content: str) -> Any: ...
    def delete_file(file_id: str) -> Any: ...
    def append_to_file(file_id: str, content: str) -> Any: ...
    def share_file(file_id: str, email: str, permission: str) -> Any: ...
    def search_files(query: str) -> list[CloudFile]: ...  # type: ignore[empty-body]
    def get_file_by_id(file_id: str) -> CloudFile: ...  # type: ignore[empty-body]

    return [tool(one) for one in list(locals().values()) if callable(one)]


def slack() -> list[Tool]:
    def get_channels() -> list[str]: ...  # type: ignore[empty-body]
    def read_channel_messages(channel: str) -> list[Any]: ...  # type: ignore[empty-body]
    def send_channel_message(channel: str, body: str) -> None: ...
    def send_direct_message(recipient: str, body: str) -> None: ...
    def add_user_to_channel(user: str, channel: str) -> None: ...
    def invite_user_to_slack(user: str, user_email: str) -> None: ...
    def remove_user_from_slack(user: str) -> None: ...
    def slack_post_message(channel_id: str, text: str) -> None: ...
    def get_webpage(url: str) -> str: ...  # type: ignore[empty-body]
    def post_webpage(url: str, content: str) -> None: ...

    return [tool(one) for one in list(locals().values()) if callable(one)]


def banking() -> list[Tool]:
    def send_money(recipient: str, amount: float, subject: str, date: str) -> Any: ...
    def schedule_transaction(recipient: str, amount: float, subject: str, date: str, recurring: bool) -> Any: ...
    def update_scheduled_transaction(
        id: int, recipient: str | None = None, amount: float | None = None, subject: str | None = None
    ) -> Any: ...
    def update_password(password: str) -> Any: ...
    def update_user_info(first_name: str | None = None, street: str | None = None) -> Any: ...
    def get_iban() -> str: ...  # type: ignore[empty-body]
    def get_balance() -> float: ...  # type: ignore[empty-body]
    def get_most_recent_transactions(n: int = 100) -> list[Transaction]: ...  # type: ignore[empty-body]
    def read_file(file_path: str) -> str: ...  # type: ignore[empty-body]

    return [tool(one) for one in list(locals().values()) if callable(one)]


def travel() -> list[Tool]:
    def get_user_information() -> dict[str, str]: ...  # type: ignore[empty-body]
    def get_all_hotels_in_city(city: str) -> str: ...  # type: ignore[empty-body]
    def get_rating_reviews_for_hotels(hotel_names: list[str]) -> dict[str, str]: ...  # type: ignore[empty-body]
    def reserve_hotel(hotel: str, start_day: str, end_day: str) -> Any: ...
    def reserve_restaurant(restaurant: str, start_time: datetime) -> Any: ...
    def create_calendar_event(
        title: str, start_time: str, end_time: str, description: str = "", participants: list[str] | None = None
    ) -> Any: ...

    return [tool(one) for one in list(locals().values()) if callable(one)]


def github() -> list[Tool]:
    def get_file_contents(owner: str, repo: str, path: str, branch: str | None = None) -> Any: ...
    def search_code(q: str, order: str = "asc") -> Any: ...
    def create_issue(owner: str, repo: str, title: str, body: str = "", labels: list[str] | None = None) -> Any: ...
    def add_issue_comment(owner: str, repo: str, issue_number: int, body: str) -> Any: ...
    def create_or_update_file(owner: str, repo: str, path: str, content: str, message: str, branch: str) -> Any: ...
    def merge_pull_request(owner: str, repo: str, pull_number: int) -> Any: ...

    return [tool(one) for one in list(locals().values()) if callable(one)]


def servers() -> list[Tool]:
    """A filesystem server, a fetch server, a search server, a database server."""

    def read_text_file(path: str, head: int | None = None) -> str: ...  # type: ignore[empty-body]
    def write_file(path: str, content: str) -> str: ...  # type: ignore[empty-body]
    def edit_file(path: str, edits: list[Any], dryRun: bool = False) -> str: ...  # type: ignore[empty-body]
    def move_file(source: str, destination: str) -> str: ...  # type: ignore[empty-body]
    def fetch(url: str, max_length: int = 5000, headers: dict[str, str] | None = None) -> str: ...  # type: ignore[empty-body]
    def brave_web_search(query: str, count: int = 10) -> str: ...  # type: ignore[empty-body]
    def read_query(query: str, params: list[Any] | None = None) -> list[Any]: ...  # type: ignore[empty-body]
    def write_query(query: str, params: list[Any] | None = None) -> str: ...  # type: ignore[empty-body]

    return [tool(one) for one in list(locals().values()) if callable(one)]


SUITES = {
    "workspace": workspace,
    "slack": slack,
    "banking": banking,
    "travel": travel,
    "github": github,
    "servers": servers,
}
