"""Markdown as data: what blocks a text has, and what runs a line of it has. Knows no terminal."""
