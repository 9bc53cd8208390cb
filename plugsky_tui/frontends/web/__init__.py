"""The full-screen UI in a browser on this machine."""
