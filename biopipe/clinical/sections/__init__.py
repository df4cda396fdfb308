"""Sections and lines of clinical notes."""
