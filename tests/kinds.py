"""The kinds of tests: the markers of which each module carries exactly one."""

KINDS = ("unit", "property", "contract", "acceptance", "tidy")
"""pyproject.toml says what each means."""
