"""The loop. Pure: no Textual, no files, no HTTP, no third-party imports at start-up."""
