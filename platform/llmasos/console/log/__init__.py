"""The pages of the log: exploring it, one entry and its proof, verification, downloads, its state, and activity."""
