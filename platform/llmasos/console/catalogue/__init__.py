"""The models of the installation: where each is loaded, what it takes, and what operators do to it."""
