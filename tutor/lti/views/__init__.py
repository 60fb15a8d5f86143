"""Pages of learning platforms: registrations, the public entries, and arriving from a launch."""
