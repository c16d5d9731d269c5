"""What a key may ask for in a minute and spend in a day: counted before, settled after."""
