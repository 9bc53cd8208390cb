"""Where the user writes: the text area, its history, pastes and completion."""
