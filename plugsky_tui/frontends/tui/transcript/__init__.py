"""What was said and done, as one widget that draws itself line by line."""
