"""Fragments to parts: batches through the pipeline, and their files."""
