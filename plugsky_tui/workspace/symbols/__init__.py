"""Symbols of source code: definitions, references, and the ranked map of a repository, by tree-sitter."""
