"""Parts written on a Ray cluster."""
