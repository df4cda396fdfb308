"""Medications of clinical notes: drugs, how they are taken, and whether they are."""
