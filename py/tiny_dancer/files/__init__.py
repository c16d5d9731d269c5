"""Files of people: opened, recognised, and written so that a failure harms nothing."""
