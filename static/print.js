// The only thing that a page cannot do without a script: open the browser's print dialogue.

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
