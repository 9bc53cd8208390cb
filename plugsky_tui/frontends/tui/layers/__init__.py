"""Panels that take the place of the composer while something is asked or chosen."""
