"""Finding files and text: by ripgrep, by git, or on our own, with the same answers."""
