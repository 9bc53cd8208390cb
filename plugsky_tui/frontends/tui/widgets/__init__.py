"""Small widgets of the main screen."""
