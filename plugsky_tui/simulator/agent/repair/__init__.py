"""Repairs of failing Python tests, by trial: evidence, suspects, candidate edits, and the trying itself."""
