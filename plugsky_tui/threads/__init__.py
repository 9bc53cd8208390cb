"""Threads on disk: one append-only file each, and an index that can be rebuilt from them."""
