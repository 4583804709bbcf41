"""The figures of the metrics page, each one query over a span of days (docs/metrics.md has their definitions)."""
