// Taking the photo that is looked at from guests, as the bar of the gallery does, and taking that back.

import { texts, tileOf } from "./slides.js";

const icon = (lines) => `<svg class="lightbox-icon" viewBox="0 0 24 24" aria-hidden="true">${lines}</svg>`;
const BIN = icon('<path d="M4 6.5h16M9.5 6V3.5h5V6M6.5 6.5l1 14h9l1-14M10 10.5v6M14 10.5v6"/>');
const EYE = icon('<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/><circle cx="12" cy="12" r="2.8"/>');
const CROSSED_EYE = icon(
  '<path d="M4 4l16 16M9.9 5.8A9.6 9.6 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-3 3.7M6.2 7.5A16.6 16.6 0 0 0 2.5 12S6 18.5 12 18.5c1.5 0 2.9-.4 4.1-1M10 10a2.8 2.8 0 0 0 4 4"/>',
);

const PLANE = icon('<path d="M20.5 3.5 3.5 10l6.5 3.5m10.5-10L14 20.5l-4-7m10.5-10-10.5 10"/>');

const HIDE = { name: "hide", key: "h", order: 10, title: texts.hide, html: CROSSED_EYE };
const SHOW = { name: "show", key: "h", order: 10, title: texts.show, html: EYE };
const DELETE = { name: "delete", key: "delete", order: 11, title: texts.delete, html: BIN };
const OFFERED = { visible: [HIDE, DELETE], hidden: [SHOW, DELETE], deleted: [] };

const shownState = () => document.getElementById("gallery")?.dataset.state ?? "visible";

export class Changes {
  /** `lightbox` has `core`, `photo`, `photos`, showGone(photo, sentence) and showBack(photo). */
  constructor(lightbox) {
    this.lightbox = lightbox;
    this.offered = OFFERED[shownState()];
    this.done = document.getElementById("done") ?? Object.assign(document.createElement("div"), { id: "done" });
    this.home = this.done.parentElement;
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target === this.done && this.follow(), { signal });
    this.done.addEventListener("click", ({ target }) => target.closest("[data-close]") && this.dismiss(), { signal });
  }

  /** The buttons; before any other of ours. Where the photo may go in VK is a page of its own. */
  furnish(ui) {
    const link = { name: "publish", order: 9, isButton: true, tagName: "a", html: PLANE, title: texts.toVk };
    if (shownState() === "visible") ui.registerElement({ ...link, onInit: (element) => (this.link = element) });
    for (const { name, key, title, order, html } of this.offered) {
      const onInit = (element) => element.setAttribute("aria-keyshortcuts", key.replace(/^./, (letter) => letter.toUpperCase()));
      ui.registerElement({ name, title, order, html, isButton: true, onInit, onClick: () => this.make(name) });
    }
  }

  /** The notice with its way back lies over the photo: what is behind is out of reach. */
  introduce() {
    this.done.replaceChildren();
    this.lightbox.core.element.append(this.done);
    this.changed();
  }

  /** What is gone already has nothing to be pressed. */
  changed() {
    const { core, photo } = this.lightbox;
    if (this.link) this.link.hidden = Boolean(photo.isGone);
    if (this.link) this.link.href = `${texts.publish}?${new URLSearchParams({ photo: photo.id, back: location.pathname + location.search })}`;
    for (const { name } of this.offered) core.element.querySelector(`.pswp__button--${name}`).hidden = Boolean(photo.isGone);
  }

  /** Whether the key is one of ours. */
  press(key, isHeld) {
    const change = this.offered.find((each) => each.key === key);
    if (change && !isHeld) this.make(change.name);
    return Boolean(change);
  }

  async make(action) {
    const { photo } = this.lightbox;
    if (this.isBusy || photo.isGone) return;
    this.isBusy = true;
    const values = { action, ids: photo.id, state: shownState(), back: location.pathname + location.search };
    await htmx.ajax("POST", texts.changes, { target: this.done, swap: "innerHTML", values }).catch(() => {});
    this.isBusy = false;
  }

  follow() {
    const { effect, changed } = this.done.querySelector("[data-effect]")?.dataset ?? {};
    const photos = this.lightbox.photos.filter(({ id }) => changed?.split(" ").includes(id));
    if (effect === "gone") photos.forEach((photo) => this.lightbox.showGone(photo, this.done.querySelector("p").textContent));
    if (effect === "back") photos.forEach((photo) => this.lightbox.showBack(photo));
    const fragment = document.getElementById("results"); // of a slot's page; the gallery's tiles come and go by gallery.js
    if (fragment) htmx.trigger(fragment, "refresh");
    if (document.activeElement === document.body) this.lightbox.core.element.focus();
  }

  dismiss() {
    this.done.replaceChildren();
    this.lightbox.core.element.focus();
  }

  stop() {
    this.listening.abort();
    if (this.home) this.home.append(this.done);
    else this.done.remove();
  }
}
