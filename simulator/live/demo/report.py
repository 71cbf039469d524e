"""What ``build/demo.json`` says, and when it says that all is well."""

from dataclasses import asdict, dataclass, field

from simulator.live.demo.evidence import Judged


@dataclass(slots=True)
class LeftBehind:
    """What outlived the calls, as counted by witnesses that are not the engine."""

    channels: int = 0
    bridges: int = 0
    playbacks: int = 0
    processes: int = 0

    @property
    def nothing(self) -> bool:
        """Whether all is gone."""
        return not (self.channels or self.bridges or self.playbacks or self.processes)


@dataclass(slots=True)
class Audit:
    """The store's records against what the phones placed."""

    contacts: int = 0
    records: int = 0
    missing: int = 0
    double: int = 0

    @property
    def fault(self) -> str | None:
        """What does not add up, in words."""
        if self.contacts == self.records and not self.missing and not self.double:
            return None
        return f"records: {self.records} for {self.contacts} calls placed, {self.double} double"


@dataclass(slots=True)
class Report:
    """All that ``build/demo.json`` says."""

    asterisk_version: str = ""
    judged: list[Judged] = field(default_factory=lambda: list[Judged]())
    left: LeftBehind = field(default_factory=LeftBehind)
    audit: Audit = field(default_factory=Audit)

    @property
    def ok(self) -> bool:
        """Whether every call did what it should and nothing is left behind."""
        return bool(self.judged) and not self.faults and self.left.nothing

    @property
    def faults(self) -> list[str]:
        """Each fault with the scenario it was seen in."""
        named = [f"{one.row['scenario']}: {fault}" for one in self.judged for fault in one.faults]
        return named if self.audit.fault is None else [*named, self.audit.fault]

    def document(self) -> dict[str, object]:
        """The public form."""
        return {
            "asterisk_version": self.asterisk_version,
            "calls": [one.row for one in self.judged],
            "left_behind": asdict(self.left),
            "records": asdict(self.audit),
            "ok": self.ok,
        }
