"""Which planner and which quarantined model a session uses.

Its one rule: a model is made from what the caller, the configuration or the environment names, in this order, and
nothing is contacted before it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias, cast, final

from ringfence.core.errors import ConfigError, ModelError
from ringfence.core.plain import Plain
from ringfence.guard.models import QuarantineModel
from ringfence.llm.accounting import Account, Role
from ringfence.llm.models import OFFLINE, ChatModel, Configured, ModelSpec, discover
from ringfence.llm.planner import Planner, PlanWriter
from ringfence.llm.quarantine import Quarantine
from ringfence.schema import Type

if TYPE_CHECKING:
    from ringfence.llm.providers import ProviderModel

Progress: TypeAlias = "Callable[[int, int], None]"  # how many readings have ended, and how many have begun
PlannerChoice: TypeAlias = "str | ModelSpec | ChatModel | PlanWriter | None"
ReaderChoice: TypeAlias = "str | ModelSpec | ChatModel | QuarantineModel | None"


@final
@dataclass(frozen=True, slots=True)
class Named:
    """The models by name, as far as they have one; `source` says where the names came from."""

    planner: ModelSpec | None
    quarantine: ModelSpec | None
    source: str

    @property
    def offline(self) -> bool:
        """Whether the rule-based stand-in plans."""
        return self.planner is not None and self.planner.provider == OFFLINE


@final
class Models:
    """The planner and the quarantined model of one session, made when first used."""

    def __init__(
        self,
        planner: PlannerChoice,
        quarantine: ReaderChoice,
        environ: Mapping[str, str],
        configured: tuple[str | None, str | None] = (None, None),
        longest: int | None = None,
    ) -> None:
        """`configured` are the names in the configuration file, `longest` the most tokens of one answer.

        Raises ConfigError for what is no model's name.
        """
        self._longest = longest
        self._environ = dict(environ)
        self._planner = _choice(planner, environ.get("RINGFENCE_MODEL"), configured[0])
        self._quarantine = _choice(quarantine, environ.get("RINGFENCE_QUARANTINE_MODEL"), configured[1])
        self._found: Configured | None = None
        self._connected: dict[ModelSpec, ProviderModel] = {}
        self._lock = Lock()

    def close(self) -> None:
        """Close the connections. The models can be used again afterwards."""
        with self._lock:
            connected = list(self._connected.values())
        for model in connected:
            model.close()

    def named(self) -> Named:
        """The names of both models. May look for a local server."""
        planner, reader = self._planner, self._quarantine
        source = "chosen"
        if planner is None:
            found = self._discovered()
            planner, source = found.planner, found.source
            reader = found.quarantine if reader is None else reader
        reader = planner if reader is None else reader
        return Named(
            planner if isinstance(planner, ModelSpec) else None,
            reader if isinstance(reader, ModelSpec) else None,
            source,
        )

    def planner(self, account: Account | None = None) -> PlanWriter:
        """Who writes plans; counted in the account of a run."""
        meter = _not_counted if account is None else account.metered
        choice = self._discovered().planner if self._planner is None else self._planner
        if isinstance(choice, ModelSpec):
            if choice.provider == OFFLINE:
                from ringfence.llm.offline.planner import OfflinePlanner

                return OfflinePlanner()
            small = choice.provider == "ollama"
            return Planner(meter(self._provider(choice), "planner", str(choice)), short=small)
        if hasattr(choice, "write") and hasattr(choice, "prompt"):
            return cast("PlanWriter", choice)
        if hasattr(choice, "complete"):
            model, spec = cast("ChatModel", choice), spec_of(choice)
            small = spec is not None and spec.provider == "ollama"
            return Planner(meter(model, "planner", "" if spec is None else str(spec)), short=small)
        raise ConfigError("model= is neither a model's name nor a model", hint='for example model="openai:NAME"')

    def chat(self) -> ChatModel:
        """The planner's model itself, for questions that are no plan. ConfigError (E361) for the offline stand-in."""
        choice = self._discovered().planner if self._planner is None else self._planner
        if isinstance(choice, ModelSpec) and choice.provider != OFFLINE:
            return self._provider(choice)
        if hasattr(choice, "complete"):
            return cast("ChatModel", choice)
        raise ConfigError("this needs a model, and there is none", code="E361", hint="set a key, or use --model")

    def reader(self, account: Account | None = None) -> QuarantineModel:
        """Who reads untrusted text: as chosen, else as found, else the same model as plans, asked afresh."""
        meter = _not_counted if account is None else account.metered
        choice = self._quarantine
        if choice is None:
            own = hasattr(self._planner, "complete") or isinstance(self._planner, ModelSpec)
            choice = self._planner if own else self._discovered().quarantine
        if isinstance(choice, ModelSpec):
            if choice.provider == OFFLINE:
                from ringfence.llm.offline.reading import OfflineQuarantine

                return OfflineQuarantine()
            return Quarantine(meter(self._provider(choice), "quarantine", str(choice)))
        if hasattr(choice, "read"):
            return cast("QuarantineModel", choice)
        if hasattr(choice, "complete"):
            spec = spec_of(choice)
            return Quarantine(meter(cast("ChatModel", choice), "quarantine", "" if spec is None else str(spec)))
        raise ConfigError("quarantine= is neither a model's name nor a model", hint='such as quarantine="openai:NAME"')

    def _provider(self, spec: ModelSpec) -> ChatModel:
        from ringfence.llm.providers import CallSettings, ProviderModel

        settings = CallSettings() if self._longest is None else CallSettings(max_tokens=self._longest)
        with self._lock:
            if spec not in self._connected:
                self._connected[spec] = ProviderModel(spec, self._environ, settings)
            return self._connected[spec]

    def _discovered(self) -> Configured:
        with self._lock:
            if self._found is None:
                self._found = discover(self._environ)
            return self._found


def spec_of(model: object) -> ModelSpec | None:
    """Which model an object is that says so: its price and its prompt hang on that."""
    spec = getattr(model, "spec", None)
    return spec if isinstance(spec, ModelSpec) else None


def _not_counted(model: ChatModel, role: Role, name: str) -> ChatModel:
    return model


@final
class LazyReader:
    """The quarantined model of one run, made when its plan first uses it, and counted in the run's account."""

    def __init__(self, models: Models, account: Account | None = None, progress: Progress | None = None) -> None:
        self._models = models
        self._account = account
        self._progress = progress
        self._begun = self._ended = 0
        self._lock = Lock()
        self._reader: QuarantineModel | None = None

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        """As in `guard.models.QuarantineModel`."""
        with self._lock:
            if self._reader is None:
                self._reader = self._made()
            reader = self._reader
            self._begun += 1
        try:
            return reader.read(instruction, data, schema)
        finally:
            with self._lock:
                self._ended += 1
                counts = (self._ended, self._begun)
            if self._progress is not None:
                with suppress(Exception):  # who only looks on must not fail a reading
                    self._progress(*counts)

    def _made(self) -> QuarantineModel:
        try:
            return self._models.reader(self._account)
        except ConfigError as problem:
            # In the middle of a run it is the model that cannot be had; nothing in it comes from data.
            raise ModelError(problem.message, code="E361", hint=problem.hint) from problem


def _choice(given: object, variable: str | None, configured: str | None) -> object:
    """What the caller gave, else what the environment names (an empty variable is not set), else the configuration."""
    chosen = given
    if chosen is None:
        chosen = variable.strip() if variable is not None and variable.strip() else configured
    return ModelSpec.parse(chosen) if isinstance(chosen, str) else chosen
