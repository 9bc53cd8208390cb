"""Panels behind slash commands: what can be looked at and changed beside the conversation."""
