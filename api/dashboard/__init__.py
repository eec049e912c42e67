"""What managers see: pages, charts, downloads and the JSON API, all made from the published tables and nothing else."""
