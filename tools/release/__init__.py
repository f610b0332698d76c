"""make release: build all that is published, try it as its users will, and say where it goes."""
