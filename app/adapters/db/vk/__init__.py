"""What is kept of VK communities."""
