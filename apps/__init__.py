"""Applications over the core: the web page."""
