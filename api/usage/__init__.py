"""Anonymous use of the service: counted in cells, published with noise when a period is over. See docs/usage.md."""

from api.usage.recorder import UsageRecorder, open_database, read_counts

__all__ = ["UsageRecorder", "open_database", "read_counts"]
