"""Communities of VK: connected, looked after, and opened."""
