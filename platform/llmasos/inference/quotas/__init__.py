"""What an organisation or one of its programs may use: requests, tokens, and how much at once."""
