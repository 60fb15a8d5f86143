"""What the widget on a website talks to: its frame, visitors, messages and streams."""
