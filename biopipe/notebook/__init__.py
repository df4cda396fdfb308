"""Documents where people look at them: as HTML in a notebook, as pandas and polars frames."""
