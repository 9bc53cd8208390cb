"""A client of language servers: what they find wrong with files, on request and after edits."""
