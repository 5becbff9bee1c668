// Narrows the list of operations while something is typed; without it the list is whole.

const search = document.getElementById("search");
const find = document.getElementById("find");
const found = document.getElementById("found");
const entries = [...document.querySelectorAll("[data-find]")];

const narrow = () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const entry of entries) {
    const text = entry.dataset.find.toLowerCase();
    entry.hidden = !words.every((word) => text.includes(word));
  }
  for (const group of document.querySelectorAll(".jump")) {
    group.hidden = !group.querySelector("[data-find]:not([hidden])");
  }
  found.textContent = words.length ? `${entries.filter((entry) => !entry.hidden).length} of ${entries.length}` : "";
};

search.hidden = false;
find.addEventListener("input", narrow);
narrow(); // what the browser kept of an earlier visit
