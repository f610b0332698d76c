"""make configure: asks what a board has to know, tries it from this PC, writes it to device/."""
