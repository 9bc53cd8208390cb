"""The semantic index of a folder: chunks of its files by syntax, a vector for each, and exact search over all of them."""
