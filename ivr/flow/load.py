"""A site's files to a site, or to everything that is wrong with them.

Files are read even where others are broken, and what could not be read is treated as unknown
rather than absent: a syntax error in queues.yaml does not make every queue node wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ivr.flow.across import check_numbers_apart, check_sayable
from ivr.flow.desk_transfers import DeskBuilder, DeskLayout, SiteQueues
from ivr.flow.follow_ups import without_follow_ups
from ivr.flow.full_width import with_characters_named
from ivr.flow.model import Hotline
from ivr.flow.problems import Code, ConfigProblem, Place, Problems, did_you_mean, listing, quoted
from ivr.flow.queues_used import warn_unused
from ivr.flow.read_calendars import ReadingPlace
from ivr.flow.read_flows import SharedFlows, read_shared_flows
from ivr.flow.read_hotline import HotlineDraft, HotlineReader, Surroundings
from ivr.flow.read_messages import MESSAGES_FILE, SiteTexts
from ivr.flow.read_names import KnownNames, KnownQueues, PromptBook, SpokenBook
from ivr.flow.read_queues import QueuesReader
from ivr.flow.read_routing import warn_classless, warn_shares
from ivr.flow.read_site import SiteDraft, SiteReader
from ivr.flow.requirement import requirement_text
from ivr.flow.routing import QueueChannel
from ivr.flow.servable import Staff
from ivr.flow.site import SHARED, QueueEntry, Site
from ivr.flow.transfers import TransferBook, queues_in_use
from ivr.flow.yaml_tree import Tree, read_tree
from ivr.flow.zone import Zone, Zones

SITE_FILE = "site.yaml"
HOTLINE_FILE = "hotline.yaml"
QUEUES_FILE = "queues.yaml"
FLOWS_FILE = "flows.yaml"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a site's files: the site if no error stands in its way, and all problems."""

    site: Site | None
    problems: tuple[ConfigProblem, ...]
    node_counts: Mapping[str, int]
    """For each hotline, good or bad, how many nodes it has."""
    shared_nodes: int = 0
    """How many the shared flows have, whoever uses them."""


def load_site(
    files: Mapping[str, str],
    *,
    prompts: PromptBook,
    timezones: Zones,
    spoken: PromptBook | None = None,
    stale: PromptBook | None = None,
    today: date | None = None,
) -> Loaded:
    """The site in these files (path within the site's folder -> text), or what is wrong.

    ``prompts`` names the known prompts of each language, ``timezones`` the known time zones: both
    are knowledge from outside, handed in as values. ``spoken`` names those prompts whose audio was
    made, where that is to be checked too, ``stale`` those of them whose words were changed since;
    ``today``, where years whose holidays are not known are
    to be warned of.
    """
    audio = None if spoken is None else SpokenBook(spoken, stale or {})
    return _Loader(files, prompts, ReadingPlace(timezones, today), audio).load()


class _Loader:
    def __init__(
        self,
        files: Mapping[str, str],
        prompts: PromptBook,
        times: ReadingPlace,
        spoken: SpokenBook | None,
    ) -> None:
        self._files = files
        self._prompts = prompts
        self._times = times
        self._spoken = spoken
        self._problems = Problems()
        self._queues: dict[str, QueueEntry] = {}
        self._queue_places: dict[str, Mapping[str, Place] | None] = {}
        self._announcing: dict[str, Place] = {}
        self._transfers = TransferBook()
        self._sharing: list[Place] = []
        self._entered: set[str] = set()
        self._texts = SiteTexts(self._problems)
        self._shared_flows = SharedFlows()

    def load(self) -> Loaded:
        self._check_files()
        site = self._site()
        self._transfers = TransferBook(
            tuple(site.agents) if site.agents_known else None, site.outside_numbers
        )
        folders = sorted({file.partition("/")[0] for file in self._files if "/" in file})
        for folder in folders:
            self._read_queues(folder, site.skills)
            if f"{folder}/{MESSAGES_FILE}" in self._files:
                self._texts.read(folder, self._tree(f"{folder}/{MESSAGES_FILE}"))
        self._check_servable(site)
        self._read_shared_flows()
        drafts = {
            folder: draft
            for folder in folders
            if folder != SHARED and (draft := self._hotline(folder, site)) is not None
        }
        desk = self._desk(site)
        shared_nodes = self._shared_flows.check_unused(self._known_to_all(site), self._problems)
        if site.agents_known:
            self._transfers.check_servable(Staff(site.agents), site.skills or (), self._problems)
        self._texts.warn_unused([name for name, each in drafts.items() if each.hotline])
        warn_unused(self._queue_places, self._entered | self._for_chats(), self._problems)
        warn_classless(site.routing, self._queues_there_are(), self._problems)
        warn_shares(site.routing, self._sharing, self._problems)
        self._check_numbers(drafts)
        check_numbers_apart(drafts.values(), site.codes_in_use, self._problems)
        hotlines = [draft.hotline for draft in drafts.values() if draft.hotline is not None]
        for place, queue in self._announcing_queues():
            check_sayable(queue, place, hotlines, self._problems)
        return Loaded(
            None if self._problems.has_errors() else self._whole(site, drafts, desk),
            with_characters_named(without_follow_ups(self._problems.in_order()), self._files),
            {folder: draft.node_count for folder, draft in drafts.items()},
            shared_nodes,
        )

    def _check_files(self) -> None:
        for file in self._files:
            folder, _, name = file.rpartition("/")
            allowed = (HOTLINE_FILE, QUEUES_FILE, MESSAGES_FILE) if folder else (SITE_FILE,)
            if folder == SHARED:
                allowed = (QUEUES_FILE, MESSAGES_FILE, FLOWS_FILE)
            if name in allowed and folder.count("/") == 0:
                continue
            self._problems.error(
                Code.UNKNOWN_FILE,
                Place(file),
                f"No part of a site is read from a file {quoted(file)}.",
                did_you_mean(
                    name,
                    allowed,
                    otherwise=f"Name it {listing(allowed)}, or move it out of the site.",
                ),
            )

    def _missing(self, file: str, what: str) -> None:
        self._problems.error(
            Code.FILE_MISSING, Place(file), f"The file {file} is missing.", f"Write it: {what}."
        )

    def _tree(self, file: str) -> Tree | None:
        return read_tree(file, self._files[file], self._problems)

    def _site(self) -> SiteDraft:
        if SITE_FILE not in self._files:
            self._missing(SITE_FILE, "it lists the skills, devices and agents")
            return SiteDraft()
        tree = self._tree(SITE_FILE)
        return SiteDraft() if tree is None else SiteReader(self._problems, self._times).read(tree)

    def _read_queues(self, folder: str, skills: tuple[str, ...] | None) -> None:
        file = f"{folder}/{QUEUES_FILE}"
        if file not in self._files:
            return
        tree = self._tree(file)
        draft = None
        if tree is not None:
            draft = QueuesReader(folder, skills, self._problems).read(tree)
        self._queue_places[folder] = None if draft is None else draft.places
        if draft is not None:
            self._queues.update(draft.queues)
            self._announcing.update(draft.announcing)
            self._sharing += draft.sharing

    def _read_shared_flows(self) -> None:
        file = f"{SHARED}/{FLOWS_FILE}"
        if file in self._files:
            tree = self._tree(file)
            self._shared_flows = read_shared_flows(tree, self._problems)

    def _known_to_all(self, site: SiteDraft) -> KnownNames:
        """What a flow may refer to that belongs to no hotline, and so speaks no language."""
        return KnownNames(
            SHARED,
            None,
            self._prompts,
            self._known_queues(SHARED),
            site.skills,
            self._spoken,
            site.calendars,
            self._texts.book(SHARED),
            site.services,
            self._transfers,
            entered=self._entered,
            pool_bounded=site.routing.is_bounded,
        )

    def _for_chats(self) -> set[str]:
        """The queues that no node of a flow can enter."""
        voice = QueueChannel.VOICE
        return {name for name, queue in self._queues.items() if queue.channel is not voice}

    def _queues_there_are(self) -> list[QueueEntry]:
        return [*self._queues.values(), *self._transfers.queues.values()]

    def _announcing_queues(self) -> list[tuple[Place, QueueEntry]]:
        queues = ((place, self._queues.get(name)) for name, place in self._announcing.items())
        return [(place, queue) for place, queue in queues if queue is not None]

    def _check_servable(self, site: SiteDraft) -> None:
        if not site.agents_known:
            return
        staff = Staff(site.agents)
        for places in self._queue_places.values():
            for name, place in (places or {}).items():
                queue = self._queues.get(name)
                if queue is None or self._problems.full(place.file):
                    continue
                if queue.skills().issubset(site.skills or ()) and not staff.can_serve(queue):
                    self._report_unservable(queue, place, staff)

    def _report_unservable(self, queue: QueueEntry, place: Place, staff: Staff) -> None:
        wanted = " or ".join(dict.fromkeys(requirement_text(s.requirement) for s in queue.steps))
        near = staff.nearest_text(queue)
        is_chat = queue.channel is QueueChannel.CHAT
        none, these = (
            ("none with chats", "these skills and chats") if is_chat else ("none", "these skills")
        )
        self._problems.error(
            Code.QUEUE_UNSERVABLE,
            place,
            f"No agent of the site can ever serve this queue: {none} has {quoted(wanted)}.",
            f"Give an agent {these}, or add a step that asks for less; nearest: {near}."
            if near
            else f"Add an agent with {these} to site.yaml.",
        )

    def _known_queues(self, folder: str) -> KnownQueues | None:
        own, shared = (self._queue_places.get(each, {}) for each in (folder, SHARED))
        if own is None or shared is None:
            return None
        return {name: self._queues.get(name) for name in (*own, *shared)}

    def _hotline(self, folder: str, site: SiteDraft) -> HotlineDraft | None:
        file = f"{folder}/{HOTLINE_FILE}"
        if file not in self._files:
            if any(f"{folder}/{own}" in self._files for own in (QUEUES_FILE, MESSAGES_FILE)):
                self._missing(file, "each folder of a site is a hotline")
            return None
        tree = self._tree(file)
        if tree is None:
            return HotlineDraft(None, (), 0)
        queues = self._known_queues(folder)
        around = Surroundings(
            self._prompts,
            self._times,
            queues,
            site.skills,
            self._spoken,
            site.calendars,
            site.services,
            self._transfers,
            self._texts.book(folder),
            entered=self._entered,
            pool_bounded=site.routing.is_bounded,
            shared_flows=self._shared_flows,
        )
        return HotlineReader(folder, around, self._problems).read(tree)

    def _desk(self, site: SiteDraft) -> DeskLayout | None:
        if site.desk is None:
            return None
        queues = SiteQueues(self._queue_places, self._queues)
        builder = DeskBuilder(queues, self._transfers, self._entered, self._problems)
        return builder.build(site.desk, site.agents if site.agents_known else ())

    def _check_numbers(self, drafts: Mapping[str, HotlineDraft]) -> None:
        taken: dict[str, Place] = {}
        for draft in drafts.values():
            for number, place in draft.numbers:
                if number in taken:
                    self._problems.error(
                        Code.NUMBER_TAKEN_TWICE,
                        place,
                        f"The number {quoted(number)} is taken already, at {taken[number]}.",
                        "A number leads to one hotline: remove it from one of the two.",
                    )
                else:
                    taken[number] = place

    def _zone(self, hotlines: Mapping[str, Hotline]) -> Zone | None:
        first = hotlines[min(hotlines)] if hotlines else None
        return None if first is None else self._times.zones.get(first.timezone)

    def _whole(
        self, site: SiteDraft, drafts: Mapping[str, HotlineDraft], desk: DeskLayout | None
    ) -> Site:
        hotlines: dict[str, Hotline] = {
            name: draft.hotline for name, draft in drafts.items() if draft.hotline is not None
        }
        return Site(
            tenant=site.tenant,
            hotlines=hotlines,
            queues={
                **self._queues,
                **queues_in_use(self._transfers, hotlines.values()),
                **({} if desk is None else desk.queues),
            },
            agents=site.agents,
            devices=site.devices,
            skills=site.skills or (),
            feature_codes=site.feature_codes,
            pause_reasons=site.pause_reasons,
            outside_numbers={
                name: each for name, each in (site.outside_numbers or {}).items() if each
            },
            services={n: each for n, each in (site.services or {}).items() if each is not None},
            routing=site.routing.rules,
            zone=self._zone(hotlines),
            desk_transfers=None if desk is None else desk.transfers,
        )
