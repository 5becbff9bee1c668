// Photos over the page, one after the other: those whose tiles are on it. Without scripts a tile leads to a page instead.
// Tiles are templates/_tiles.html, all texts are in templates/_lightbox.html.

const TILES = ".tiles a.open";
const OLDER = "[data-older]"; // what brings more tiles when it is sent the event `older`
const AHEAD = 3; // photos before the end of what is loaded, more is asked for
const PATIENCE_MS = 2000; // then what did not come is asked for again
const SHEET = "(max-width: 40rem)"; // the facts lie below the photo, not beside it
const GONE = [404, 410];

const texts = document.getElementById("lightbox").dataset;
const tiles = () => [...document.querySelectorAll(TILES)];
const tileOf = (photo) => document.getElementById(`photo-${photo.id}`);
const thumbOf = (tile) => tile?.querySelector("img.picture");
const idIn = (hash) => hash.match(/^#photo-([0-9a-f-]{36})$/)?.[1];

const icon = (lines) => `<svg class="lightbox-icon" viewBox="0 0 24 24" aria-hidden="true">${lines}</svg>`;
const ICONS = {
  close: icon('<path d="m5.5 5.5 13 13m0-13-13 13"/>'),
  zoom: icon('<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5M7.5 10.5h6"/><path class="more" d="M10.5 7.5v6"/>'),
  arrow: icon('<path d="m9 4.5 7.5 7.5L9 19.5"/>'),
  download: icon('<path d="M12 3.5v11.5m0 0 4.5-4.5M12 15l-4.5-4.5M4 20.5h16"/>'),
  facts: icon('<circle cx="12" cy="12" r="8.75"/><path d="M12 11v5.5M12 7.6v.1"/>'),
};

function slide(tile) {
  const thumb = thumbOf(tile);
  const address = thumb.getAttribute("src").replace(/\/grid$/, "");
  const original = /^\/public\/results\//.test(address) ? address : ""; // what is hidden has no public address
  const [width, height] = [Number(thumb.getAttribute("width")), Number(thumb.getAttribute("height"))];
  const previewWidth = Math.round(width * Math.min(1, Number(texts.largeSide) / Math.max(width, height)));
  return {
    ...{ id: idIn(`#${tile.id}`), alt: thumb.alt, msrc: thumb.currentSrc, thumbCropped: true, width, height, previewWidth },
    src: `${address}/large`,
    srcset: original && previewWidth < width ? `${address}/large ${previewWidth}w, ${address} ${width}w` : "",
    download: original && `${original}?download=1`,
    facts: "facts" in texts ? `${tile.href}${tile.search ? "&" : "?"}part=facts` : "",
  };
}

/** Pixels of CSS: the original is worth its bytes only to those who zoom in. */
function neededWidth(shown, { data, slide }) {
  const isZoomed = slide && slide.currZoomLevel > slide.zoomLevels.fit * 1.01;
  return isZoomed ? shown : Math.min(shown, data.previewWidth / devicePixelRatio);
}

// The core and its looks come when the first photo is opened, or is about to be.

let core;

function load() {
  core ??= fetchCore();
  core.catch(() => (core = undefined)); // the next photo that is opened tries again
  return core;
}

async function fetchCore() {
  const [module] = await Promise.all([
    import("./vendor/photoswipe.esm.min.js"),
    ...["vendor/photoswipe.css", "lightbox.css"].map(stylesheet),
  ]);
  return module.default;
}

function stylesheet(path) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(path, import.meta.url).href;
  document.head.append(link);
  return new Promise((loaded, failed) => Object.assign(link, { onload: loaded, onerror: failed }));
}

class Lightbox {
  constructor(PhotoSwipe, tile, wasPushed) {
    this.photos = tiles().map(slide);
    this.wasPushed = wasPushed; // going back leads to the page without a photo
    this.asked = -PATIENCE_MS;
    this.core = new PhotoSwipe({
      dataSource: this.photos,
      index: this.photos.findIndex(({ id }) => `photo-${id}` === tile.id),
      ...{ loop: false, returnFocus: false, bgOpacity: 1, preload: [1, 2], paddingFn: () => this.padding() },
      ...{ closeTitle: texts.close, zoomTitle: texts.zoom, arrowPrevTitle: texts.previous, arrowNextTitle: texts.next },
      ...{ closeSVG: ICONS.close, zoomSVG: ICONS.zoom, arrowPrevSVG: ICONS.arrow, arrowNextSVG: ICONS.arrow },
      errorMsg: texts.failed,
    });
    this.watcher = new MutationObserver(() => this.follow());
    this.bind();
    this.core.init();
    this.watcher.observe(document.querySelector("main"), { childList: true, subtree: true });
  }

  get photo() {
    return this.photos[this.core.currIndex];
  }

  bind() {
    const { core } = this;
    core.addFilter("thumbEl", (_, photo) => thumbOf(tileOf(photo)));
    core.addFilter("srcsetSizesWidth", neededWidth);
    core.on("uiRegister", () => this.furnish());
    core.on("afterInit", () => this.introduce());
    core.on("change", () => this.changed());
    core.on("keydown", (event) => this.pressed(event));
    core.on("loadError", ({ content }) => this.doubt(content.data));
    core.on("openingAnimationEnd", () => idIn(location.hash) || core.close()); // gone back from meanwhile
    core.on("close", () => this.leave());
    core.on("destroy", () => this.left());
  }

  // What stands around the photo

  furnish() {
    const { ui } = this.core;
    const link = { name: "download", order: 8, isButton: true, tagName: "a", html: ICONS.download, title: texts.download };
    ui.registerElement({ ...link, onInit: (element) => (this.link = element) });
    const button = { name: "facts", order: 9, isButton: true, html: ICONS.facts, title: texts.facts };
    if (this.photos.some(({ facts }) => facts)) {
      ui.registerElement({ ...button, onInit: (element) => (this.button = element), onClick: () => this.toggleFacts() });
    }
  }

  introduce() {
    const { element } = this.core;
    element.setAttribute("aria-modal", "true");
    element.setAttribute("aria-label", texts.title);
    this.status = Object.assign(document.createElement("p"), { className: "lightbox-status" });
    this.status.setAttribute("role", "status");
    this.panel = Object.assign(document.createElement("aside"), { className: "lightbox-facts", hidden: true, tabIndex: -1 });
    this.panel.setAttribute("aria-label", texts.facts);
    element.append(this.status, this.panel);
    this.button?.setAttribute("aria-expanded", "false");
    this.told = undefined;
    this.changed();
  }

  changed() {
    const { core, photo } = this;
    if (core.currIndex >= this.photos.length - AHEAD) this.askForOlder();
    if (!this.status || this.told === photo) return;
    this.told = photo;
    const place = texts.place.replace("{n}", core.currIndex + 1).replace("{all}", this.photos.length);
    this.status.textContent = photo.isGone ? texts.gone : `${photo.alt}. ${place}`;
    this.link.hidden = !photo.download;
    this.link.href = photo.download ?? "";
    if (!this.panel.hidden) this.showFacts();
    setAddress(`#photo-${photo.id}`);
  }

  pressed(event) {
    const { key, code, ctrlKey, metaKey, altKey } = event.originalEvent;
    if (ctrlKey || metaKey || altKey) return;
    // letters by what they are; of other alphabets by where they are
    const letter = /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace("Key", "").toLowerCase();
    const ends = { Home: 0, End: this.photos.length - 1 };
    if (letter === "d" && !this.link.hidden) this.link.click();
    else if (letter === "i" && this.button) this.toggleFacts();
    else if (key in ends) this.core.goTo(ends[key]);
    else if (!["PageUp", "PageDown"].includes(key)) return;
    event.preventDefault();
    event.originalEvent.preventDefault();
  }

  // The facts of the photo, for those who may know them

  toggleFacts() {
    const isShown = this.panel.hidden;
    this.panel.hidden = !isShown;
    this.button.setAttribute("aria-expanded", isShown);
    if (isShown) this.showFacts();
    (isShown ? this.panel : this.button).focus();
    this.core.updateSize(true);
  }

  async showFacts() {
    const { facts } = this.photo;
    this.asking?.abort();
    this.asking = new AbortController();
    if (!facts) return this.panel.replaceChildren();
    try {
      const answer = await fetch(facts, { headers: { "HX-Request": "true" }, signal: this.asking.signal });
      if (answer.headers.has("HX-Redirect")) return location.assign(answer.headers.get("HX-Redirect"));
      const hadFocus = this.panel.contains(document.activeElement);
      this.panel.innerHTML = answer.ok ? await answer.text() : "";
      if (hadFocus) this.panel.focus();
    } catch (error) {
      if (error.name !== "AbortError") this.panel.textContent = texts.failed;
    }
  }

  /** Pixels that the photo leaves free. */
  padding() {
    if (!this.panel || this.panel.hidden) return { top: 0, right: 0, bottom: 0, left: 0 };
    const { offsetWidth, offsetHeight } = this.panel;
    const isSheet = matchMedia(SHEET).matches;
    return { top: 0, right: isSheet ? 0 : offsetWidth, bottom: isSheet ? offsetHeight : 0, left: 0 };
  }

  // The page behind: it brings older photos, and takes away those that somebody withdraws

  askForOlder() {
    const older = document.querySelector(OLDER);
    if (!older || performance.now() - this.asked < PATIENCE_MS) return;
    this.asked = performance.now();
    older.dispatchEvent(new CustomEvent("older", { bubbles: true }));
  }

  follow() {
    const known = new Set(this.photos.map(({ id }) => id));
    const shown = tiles();
    const end = shown.findLastIndex((tile) => known.has(idIn(`#${tile.id}`))) + 1;
    this.photos.push(...shown.slice(end).map(slide));
    if (this.photos.length > known.size) this.core.refreshSlideContent(this.core.currIndex + 1);
    for (const photo of this.photos) {
      if (photo.isMissing === !tileOf(photo)) continue;
      photo.isMissing = !tileOf(photo);
      if (photo.isMissing) this.doubt(photo);
    }
  }

  /** A tile may leave the page for being old, an image may fail for the network's sake: only the server knows. */
  async doubt(photo) {
    const answer = await fetch(photo.src, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (!answer || !GONE.includes(answer.status) || photo.isGone) return;
    const message = Object.assign(document.createElement("p"), { className: "lightbox-gone", textContent: texts.gone });
    const nothing = { src: "", srcset: "", msrc: "", download: undefined, facts: undefined };
    Object.assign(photo, nothing, { isGone: true, type: "html", html: message.outerHTML });
    if (this.told === photo) this.told = undefined;
    if (lightbox === this) this.core.refreshSlideContent(this.photos.indexOf(photo));
  }

  // Closing

  leave() {
    this.watcher.disconnect();
    this.asking?.abort();
    tileOf(this.photo)?.scrollIntoView({ block: "nearest" });
    if (!idIn(location.hash)) return;
    isReturning = this.wasPushed;
    if (this.wasPushed) history.back();
    else setAddress(location.pathname + location.search);
  }

  left() {
    lightbox = undefined;
    history.scrollRestoration = "auto";
    tileOf(this.photo)?.focus({ preventScroll: true });
  }
}

let lightbox;
let isReturning = false; // the browser is on its way back to the page without a photo

function setAddress(address) {
  try {
    history.replaceState(history.state, "", address);
  } catch {
    // some browsers allow only so many changes in so many seconds; the next one is right again
  }
}

async function open(tile, isNews) {
  const PhotoSwipe = await load();
  if (lightbox) return;
  history.scrollRestoration = "manual"; // the page shall stay at the photo that was seen last
  if (isNews) history.pushState({ lightbox: true }, "", `#${tile.id}`);
  lightbox = new Lightbox(PhotoSwipe, tile, isNews || history.state?.lightbox);
}

function openAddressed() {
  const id = idIn(location.hash);
  const tile = id && tiles().find((each) => each.id === `photo-${id}`);
  if (tile) open(tile, false).catch(() => {});
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
