"""From the router to the store: queue and thread."""
