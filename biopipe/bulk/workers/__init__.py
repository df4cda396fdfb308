"""Worker processes of this machine, and what watches over them."""
