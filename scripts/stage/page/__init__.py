"""The page: a recording step by step, and the four programs side by side, in one file."""
