"""Bugs to be planted in the call core: asking an expert, giving a caller away, going back.

Each is a name, a file of ``ivr/call/``, the one place that is right, and what is wrong instead.
"""

CALL_BUGS: tuple[tuple[str, str, str, str], ...] = (
    # Asking an expert
    (
        "asked-expert-is-never-freed",
        "expert.py",
        "        turn.emit(EndEngagement(held.offer))\n",
        "        pass\n",
    ),
    (
        "wait-before-asking-forgotten",
        "consulting.py",
        "QueueContact(name, queue, 0, expert.waited_ms(contact))",
        "QueueContact(name, queue, 0, 0)",
    ),
    (
        "decliner-is-asked-again",
        "consulting.py",
        "if failure is not OfferFailure.DECLINED or not is_for_her:",
        "if failure is not OfferFailure.DECLINED or is_for_her:",
    ),
    (
        "second-offer-left-to-ring",
        "consulting.py",
        "        case OfferMade():\n"
        "            turn.emit(FailOffer(message.offer, OfferFailure.FAILED))",
        "        case OfferMade():\n            pass",
    ),
    (
        "music-over-the-expert",
        "consulting.py",
        "    turn.emit(StopHoldMusic(held.leg))\n    _stay(",
        "    _stay(",
    ),
    (
        "consultation-outlasts-the-talk",
        "consulting.py",
        "for_ms=min(for_ms, left_ms)",
        "for_ms=for_ms",
    ),
    (
        "gone-expert-keeps-her-caller-waiting",
        "consulting.py",
        "    if asked.stage is Stage.TALKING:\n",
        "    if asked.stage is Stage.SEEKING:\n",
    ),
    (
        "caller-gone-and-expert-rings-on",
        "leaving.py",
        "        expert.give_back(contact, turn, hangs_up=False)\n",
        "        pass\n",
    ),
    # Giving a caller away, and going back
    (
        "who-gave-away-is-never-freed",
        "handing_over.py",
        "    turn.emit(EndEngagement(held.offer))\n",
        "",
    ),
    (
        "place-of-the-consultation-lost",
        "handing_over.py",
        "    contact.routed = asked.name\n",
        "    contact.routed = None\n",
    ),
    (
        "goes-back-for-ever",
        "handing_over.py",
        "if given.failed is None and given.queue != hers:",
        "if given.queue != hers:",
    ),
    (
        "goes-back-to-her-who-was-meant",
        "handing_over.py",
        "if given.failed is None and given.queue != hers:",
        "if given.failed is None:",
    ),
    (
        "handed-over-forgets-her-wait",
        "handing_over.py",
        "QueueContact(contact.id, queue, 0, contact.queueing.waited_ms)",
        "QueueContact(contact.id, queue, 0, 0)",
    ),
    (
        "callback-promised-to-nobody",
        "handing_over.py",
        "    if contact.caller_known:\n        within_ms",
        "    if not contact.caller_known:\n        within_ms",
    ),
    (
        "transfer-told-twice",
        "expert.py",
        "if given is None or given.settled:",
        "if given is None:",
    ),
    # From queue to queue
    (
        "wait-in-one-queue-forgotten-in-the-next",
        "queue_state.py",
        "waited_ms=self.waited_ms + wait_ms",
        "waited_ms=wait_ms",
    ),
    ("one-queue-too-many", "queueing.py", "hops >= HOPS_MAX", "hops > HOPS_MAX"),
)
