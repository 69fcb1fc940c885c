"""The exercises of LESSON.md: checks, solutions, and what the programs were at first."""
