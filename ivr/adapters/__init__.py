"""The edges; each folder wraps its one library and knows no sibling."""
