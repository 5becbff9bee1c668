// The photos of a page's tiles over the page, one after the other. What is here comes when the first one is opened.

import PhotoSwipe from "../vendor/photoswipe.esm.min.js";
import { setAddress } from "./address.js";
import { Changes } from "./changes.js";
import { Facts } from "./facts.js";
import { neededWidth, slide, texts, thumbOf, tileOf, tiles } from "./slides.js";

const OLDER = "[data-older]"; // what brings more tiles when it is sent the event `older`
const AHEAD = 3; // photos before the end of what is loaded, more is asked for
const PATIENCE_MS = 2000; // then what did not come is asked for again
const GONE = [404, 410];
const NO_ROOM = { top: 0, right: 0, bottom: 0, left: 0 };

const icon = (lines) => `<svg class="lightbox-icon" viewBox="0 0 24 24" aria-hidden="true">${lines}</svg>`;
const ICONS = {
  close: icon('<path d="m5.5 5.5 13 13m0-13-13 13"/>'),
  zoom: icon('<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5M7.5 10.5h6"/><path class="more" d="M10.5 7.5v6"/>'),
  arrow: icon('<path d="m9 4.5 7.5 7.5L9 19.5"/>'),
  download: icon('<path d="M12 3.5v11.5m0 0 4.5-4.5M12 15l-4.5-4.5M4 20.5h16"/>'),
  facts: icon('<circle cx="12" cy="12" r="8.75"/><path d="M12 11v5.5M12 7.6v.1"/>'),
};

export class Lightbox {
  /** `leave` is called when it begins to close, `left` when it has gone. */
  constructor(tile, leave, left) {
    this.photos = tiles().map(slide);
    this.asked = -PATIENCE_MS;
    this.watcher = new MutationObserver(() => this.follow());
    this.core = new PhotoSwipe({
      dataSource: this.photos,
      index: this.photos.findIndex(({ id }) => tile.id === `photo-${id}`),
      ...{ loop: false, returnFocus: false, bgOpacity: 1, preload: [1, 2], paddingFn: () => this.facts?.room ?? NO_ROOM },
      ...{ closeTitle: texts.close, zoomTitle: texts.zoom, arrowPrevTitle: texts.previous, arrowNextTitle: texts.next },
      ...{ closeSVG: ICONS.close, zoomSVG: ICONS.zoom, arrowPrevSVG: ICONS.arrow, arrowNextSVG: ICONS.arrow },
      errorMsg: texts.failed,
    });
    this.bind(leave, left);
    this.core.init();
    this.watcher.observe(document.querySelector("main"), { childList: true, subtree: true });
  }

  get photo() {
    return this.photos[this.core.currIndex];
  }

  bind(leave, left) {
    const { core } = this;
    core.addFilter("thumbEl", (_, photo) => thumbOf(tileOf(photo)));
    core.addFilter("srcsetSizesWidth", neededWidth);
    core.on("uiRegister", () => this.furnish());
    core.on("afterInit", () => this.introduce());
    core.on("change", () => this.changed());
    core.on("keydown", (event) => this.pressed(event));
    core.on("loadError", ({ content }) => this.failed(content.data));
    core.on("close", () => (this.close(), leave()));
    core.on("destroy", () => (left(), tileOf(this.photo)?.focus({ preventScroll: true })));
  }

  // What stands around the photo

  furnish() {
    const { ui } = this.core;
    const link = { name: "download", order: 8, isButton: true, tagName: "a", html: ICONS.download, title: texts.download };
    ui.registerElement({ ...link, onInit: (element) => (this.link = element) });
    if (!("facts" in texts)) return;
    this.changes = new Changes(this);
    this.changes.furnish(ui);
    const button = { name: "facts", order: 9, isButton: true, html: ICONS.facts, title: texts.facts };
    const toggle = () => this.facts.toggle(this.photo);
    ui.registerElement({ ...button, onInit: (element) => (this.button = element), onClick: toggle });
  }

  introduce() {
    const { element } = this.core;
    element.setAttribute("aria-modal", "true");
    element.setAttribute("aria-label", texts.title);
    this.status = Object.assign(document.createElement("p"), { className: "lightbox-status" });
    this.status.setAttribute("role", "status");
    element.append(this.status);
    if (this.button) this.facts = new Facts(this.core, this.button);
    this.changes?.introduce();
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
    this.link.href = photo.download;
    this.facts?.show(photo);
    this.changes?.changed();
    setAddress(`#photo-${photo.id}`);
  }

  pressed(event) {
    const { key, code, ctrlKey, metaKey, altKey, repeat } = event.originalEvent;
    if (ctrlKey || metaKey || altKey) return;
    if (key === "Tab") return this.keepFocus(event.originalEvent);
    // letters by what they are; of other alphabets by where they are
    const letter = /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace("Key", "").toLowerCase();
    const ends = { Home: 0, End: this.photos.length - 1 };
    if (letter === "d" && !this.link.hidden) this.link.click();
    else if (letter === "i" && this.facts) this.facts.toggle(this.photo);
    else if (key in ends) this.core.goTo(ends[key]);
    else if (!this.changes?.press(letter, repeat) && !["PageUp", "PageDown"].includes(key)) return;
    event.preventDefault();
    event.originalEvent.preventDefault();
  }

  /** Who gets past the last button comes to the first one, not to the page behind. */
  keepFocus(event) {
    const reachable = [...this.core.element.querySelectorAll("a[href], button:enabled")].filter(
      (each) => each.getClientRects().length && getComputedStyle(each).visibility === "visible",
    );
    const [last, next] = event.shiftKey ? [reachable[0], reachable.at(-1)] : [reachable.at(-1), reachable[0]];
    if (document.activeElement !== last && this.core.element.contains(document.activeElement)) return;
    event.preventDefault();
    next.focus();
  }

  // The page behind: it brings older photos, and takes away those that somebody withdraws

  askForOlder() {
    const older = document.querySelector(OLDER);
    if (!older || performance.now() - this.asked < PATIENCE_MS) return;
    this.asked = performance.now();
    older.dispatchEvent(new CustomEvent("older", { bubbles: true }));
  }

  follow() {
    const known = new Set(this.photos.map(({ id }) => `photo-${id}`));
    const shown = tiles();
    const end = shown.findLastIndex(({ id }) => known.has(id)) + 1;
    this.photos.push(...shown.slice(end).map(slide));
    if (this.photos.length > known.size) this.core.refreshSlideContent(this.core.currIndex + 1);
    for (const photo of this.photos) {
      if (photo.isMissing === !tileOf(photo)) continue;
      photo.isMissing = !tileOf(photo);
      if (photo.isMissing && !photo.isGone) this.check(photo);
    }
  }

  /** A tile may leave the page for being old, an image may fail for the network's sake: only the server knows. */
  async check(photo) {
    const answer = await fetch(photo.src, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (answer && GONE.includes(answer.status)) this.showGone(photo);
  }

  /** The original may be what no browser shows; its preview is a WebP. */
  async failed(photo) {
    await this.check(photo);
    if (photo.srcset) this.redraw(Object.assign(photo, { srcset: "" }));
  }

  /** Somebody who takes it away goes on with the next one. */
  showGone(photo, sentence) {
    if (photo.isGone) return;
    const message = document.createElement("p");
    Object.assign(message, { className: "lightbox-gone", textContent: sentence ?? texts.gone });
    photo.before = { ...photo };
    const nothing = { src: "", srcset: "", msrc: "", download: "", facts: "" };
    Object.assign(photo, nothing, { isGone: true, type: "html", html: message.outerHTML });
    if (this.told === photo) this.told = undefined;
    this.redraw(photo);
    if (sentence) this.goOn();
  }

  goOn() {
    const here = this.core.currIndex;
    const isLeft = ({ isGone }) => !isGone;
    const next = this.photos.findIndex((photo, index) => index > here && isLeft(photo));
    const place = next < 0 ? this.photos.findLastIndex(isLeft) : next;
    if (place >= 0) this.core.goTo(place);
  }

  showBack(photo) {
    Object.assign(photo, { isGone: false, type: "", html: "" }, photo.before);
    this.told = undefined;
    this.redraw(photo);
    this.core.goTo(this.photos.indexOf(photo));
  }

  redraw(photo) {
    if (!this.core.isDestroying) this.core.refreshSlideContent(this.photos.indexOf(photo));
  }

  close() {
    this.watcher.disconnect();
    this.facts?.stop();
    this.changes?.stop();
    tileOf(this.photo)?.scrollIntoView({ block: "nearest" });
  }
}
