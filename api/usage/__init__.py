"""Anonymous use of the service: counted in cells, published with noise when a period is over. See docs/usage.md."""
