"""VK's API over HTTP: https://dev.vk.com/ru/reference. What goes wrong comes as an error of app.domain.vk.errors."""
