"""The output folder of `biopipe run` as files: layout, journal of finished parts, counts."""
