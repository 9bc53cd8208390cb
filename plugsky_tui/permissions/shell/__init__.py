"""What a shell command would do, read from its text: nothing in here ever runs anything.

`parse` turns a line into simple commands (tree-sitter-bash, checked against a reader of our own),
`judge` gives each of them a finding; the tables beside them say which commands only read, and
which may be remembered.
"""
