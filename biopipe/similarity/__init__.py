"""Documents that are alike by the concepts they state and deny."""
