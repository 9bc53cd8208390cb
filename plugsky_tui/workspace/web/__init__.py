"""Pages of the web: what a URL is, what came of it, and how it reads as Markdown. Who gets it from the network is elsewhere."""
