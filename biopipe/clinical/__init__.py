"""Clinical notes: their layout, and what notes hold beside the mentions of a recogniser."""
