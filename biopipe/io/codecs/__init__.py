"""Readers and writers, one file per format; `biopipe.io.formats` knows them all."""
