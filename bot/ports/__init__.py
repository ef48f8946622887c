"""What Houston needs of each system outside, in its own words."""
