"""Stand-in engines of the sandbox: pure functions, no server, no network. Import nothing of cci_lite outside here."""
