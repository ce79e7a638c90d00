"""The emulator, rule by rule; mostly in process and with a clock of its own."""
