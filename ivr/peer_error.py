"""What goes wrong on the other side of a port."""


class PeerError(Exception):
    """Asterisk, a database or a gateway misbehaved; one sentence that says what to do.

    ``retry_safe`` tells whether the operation may be tried again without doing anything twice.
    """

    def __init__(self, sentence: str, *, peer: str, operation: str, retry_safe: bool) -> None:
        super().__init__(sentence)
        self.peer = peer
        self.operation = operation
        self.retry_safe = retry_safe
