"""What publishing to VK communities needs from the outside."""
