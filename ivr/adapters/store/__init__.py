"""What is kept on disk and in memory beside the calls: traces, records, numbers."""
