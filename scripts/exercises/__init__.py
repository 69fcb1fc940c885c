"""The exercises of docs/exercises.md: checks, solutions, and what the programs were at first."""
