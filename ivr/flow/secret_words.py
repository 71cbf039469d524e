"""What is said of a secret that stands in any place but its own, in a node or in a condition."""

LEAVES = "can not be used here: nobody may see it, and what stands here would be seen"
"""What is wrong with a secret in any place but its own, behind its name."""

REMEDY = (
    "Send it to a service, under `send:` of a lookup, that declares it as secret; branch on what "
    "the service answers."
)
