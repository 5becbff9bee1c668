// Opens photos over the page, closes them, and keeps the browser's history right. Without scripts a tile leads to a page.

import { idIn, setAddress } from "./lightbox/address.js";
import { TILES, tiles } from "./lightbox/slides.js";

const STYLES = ["vendor/photoswipe.css", "lightbox/lightbox.css"];

let lightbox;
let isReturning = false; // the browser is on its way back to the page without a photo

// All else comes when the first photo is opened, or is about to be.

let view;

function load() {
  view ??= fetchView();
  view.catch(() => (view = undefined)); // the next photo that is opened tries again
  return view;
}

async function fetchView() {
  const [{ Lightbox }] = await Promise.all([import("./lightbox/view.js"), ...STYLES.map(stylesheet)]);
  return Lightbox;
}

function stylesheet(path) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(path, import.meta.url).href;
  document.head.append(link);
  return new Promise((loaded, failed) => Object.assign(link, { onload: loaded, onerror: failed }));
}

async function open(tile, isNews) {
  const Lightbox = await load();
  if (lightbox) return;
  history.scrollRestoration = "manual"; // the page shall stay at the photo that was seen last
  if (isNews) history.pushState({ lightbox: true }, "", `#${tile.id}`);
  lightbox = new Lightbox(tile, leave, left);
  lightbox.core.on("openingAnimationEnd", () => idIn(location.hash) || lightbox.core.close()); // gone back from meanwhile
}

function openAddressed() {
  const id = idIn(location.hash);
  const tile = id && tiles().find((each) => each.id === `photo-${id}`);
  if (tile) open(tile, false).catch(() => {});
}

function leave() {
  if (!idIn(location.hash)) return;
  isReturning = Boolean(history.state?.lightbox);
  if (isReturning) history.back();
  else setAddress(location.pathname + location.search);
}

function left() {
  lightbox = undefined;
  history.scrollRestoration = "auto";
}

document.addEventListener("pointerdown", ({ target }) => target.closest(TILES) && load().catch(() => {}));

document.addEventListener("click", (event) => {
  const tile = event.target.closest(TILES);
  if (!tile || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open(tile, true).catch(() => location.assign(tile.href));
});

// Before htmx, which would load the page anew when the browser goes back from a photo.
window.addEventListener(
  "popstate",
  (event) => {
    if (lightbox || isReturning || idIn(location.hash)) event.stopImmediatePropagation();
    isReturning = false;
    if (lightbox && !idIn(location.hash)) lightbox.core.close();
    else if (!lightbox) openAddressed();
  },
  true,
);

openAddressed();
