"""The keys of vi, as far as a composer has a use for them: pure functions of text, caret and key."""
