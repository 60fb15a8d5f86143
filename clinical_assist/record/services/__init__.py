"""What is written into the record: each write once, with its permission and its log entry."""
