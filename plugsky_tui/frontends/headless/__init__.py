"""`plugsky run`: events as text, as one JSON object, or as JSON lines. Never loads Textual."""
