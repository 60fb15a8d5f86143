"""The stores of packages that lie below this one: accounts, the log, and privacy's own rows."""
