"""What the demo shop shows: a handbook, pages and a site with the chat."""
