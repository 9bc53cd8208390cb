"""What the user and the project have set, where files live, and the API key."""
