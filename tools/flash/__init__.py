"""Put the firmware, the library and the configuration onto a board: `make flash PORT=…`."""
