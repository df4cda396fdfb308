"""Measurements of clinical notes: vital signs and laboratory values."""
