// The page of one photo: arrows lead to those beside it, D saves it.

const LINKS = { ArrowLeft: "newer", ArrowRight: "older", KeyD: "download" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.target.closest("input, select, textarea")) return;
  const link = document.getElementById(LINKS[event.code]);
  if (!link) return;
  event.preventDefault();
  link.click();
});
