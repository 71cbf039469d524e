"""Which policies are asked now: what the pool's routing says, made of the parts there are."""

from router.agent_order import LongestIdle, Ranked, first_idle, first_with_room
from router.contact_order import Fair, Oldest, Ratio, RoomOf
from router.matching import Profiles, Room
from router.model import ContactOrder
from router.policy import AgentPolicy, ContactPolicy


class Policies:
    """The pool's order of contacts, and the orders of agents for plain and for other lines.

    What is given takes the place of those that the pool's routing would name, for good.
    """

    def __init__(
        self,
        profiles: Profiles,
        room_of: RoomOf,
        *,
        given_contacts: ContactPolicy | None = None,
        given_agents: AgentPolicy | None = None,
    ) -> None:
        self._profiles = profiles
        self._room_of = room_of
        self._given_contacts = given_contacts
        self._given_agents = given_agents
        self.contacts: ContactPolicy = Oldest()
        self.counting: ContactPolicy | None = None
        """The order of contacts, if it wants to be told what happens."""
        self.plain: AgentPolicy = LongestIdle()
        """Who chooses among the agents of a plain line."""
        self.ranked: AgentPolicy = Ranked(first_idle)
        """Who chooses for all other lines."""
        self.chats: AgentPolicy = Ranked(first_with_room)
        """Who chooses for lines of chats."""
        self._use_given()

    def use(self, order: ContactOrder, *, virtual: int = 0) -> None:
        """Let contacts come in this order from now on; what was counted for another is void."""
        if self._given_contacts is None:
            for room in self._profiles.all_rooms():
                room.tag = 0
        self.plain, self.ranked = LongestIdle(), Ranked(first_idle)
        self.chats = Ranked(first_with_room)
        match order:
            case ContactOrder.OLDEST:
                self.contacts = Oldest()
            case ContactOrder.FAIR:
                self.contacts = Fair(self._room_of, virtual=virtual)
            case ContactOrder.RATIO:
                ratio = self.contacts = Ratio(self._room_of, self._profiles)
                self.plain = self.ranked = Ranked(first_idle, ratio.pressure)
                self.chats = Ranked(first_with_room, ratio.chat_pressure)
        self._use_given()

    def _use_given(self) -> None:
        self.contacts = self._given_contacts or self.contacts
        if self._given_agents is not None:
            self.plain = self.ranked = self.chats = self._given_agents
        self.counting = self.contacts if self.contacts.counts else None

    @property
    def virtual(self) -> int:
        """The pool's virtual time, where queues share fairly."""
        return self.contacts.virtual if isinstance(self.contacts, Fair) else 0

    def entering(self, room: Room) -> None:
        """A contact is about to wait in this queue for the first time."""
        if self.counting is not None and not room.waits:
            self.counting.entered(room)
