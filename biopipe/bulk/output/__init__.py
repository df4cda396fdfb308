"""The output folder of a run: what is in it, how far it is, what was done."""
