"""How much is used: requests and tokens by day, program and organisation; limits and keys."""
