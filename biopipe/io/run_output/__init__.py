"""The output folder of `biopipe run` as files: its layout, its journal of finished parts, counts."""
