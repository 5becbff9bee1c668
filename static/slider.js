// Before and after: a range moves the line between the two pictures, by pointer, touch or keyboard alike.

document.addEventListener("input", ({ target }) => {
  target.closest?.("[data-before-after]")?.style.setProperty("--cut", `${target.value}%`);
});
