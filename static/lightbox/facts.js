// What is known of the photo, for those who may know it: beside it, on phones below it.

import { texts } from "./slides.js";

const SHEET = "(max-width: 40rem)"; // as in lightbox.css

export class Facts {
  constructor(core, button) {
    this.core = core;
    this.button = button;
    this.panel = Object.assign(document.createElement("aside"), { className: "lightbox-facts", hidden: true, tabIndex: -1 });
    this.panel.setAttribute("aria-label", texts.facts);
    button.setAttribute("aria-expanded", "false");
    core.element.append(this.panel);
  }

  toggle(photo) {
    const isShown = this.panel.hidden;
    this.panel.hidden = !isShown;
    this.button.setAttribute("aria-expanded", isShown);
    this.show(photo);
    (isShown ? this.panel : this.button).focus();
    this.core.updateSize(true);
  }

  async show({ facts }) {
    this.stop();
    if (this.panel.hidden) return;
    if (!facts) return this.panel.replaceChildren();
    this.asking = new AbortController();
    try {
      await this.fill(await fetch(facts, { headers: { "HX-Request": "true" }, signal: this.asking.signal }));
    } catch (error) {
      if (error.name !== "AbortError") this.panel.textContent = texts.failed;
    }
  }

  async fill(answer) {
    const login = answer.headers.get("HX-Redirect");
    if (login) return location.assign(login);
    const html = answer.ok ? await answer.text() : "";
    const hadFocus = this.panel.contains(document.activeElement);
    this.panel.innerHTML = html;
    if (hadFocus) this.panel.focus();
  }

  stop() {
    this.asking?.abort();
  }

  /** Pixels of the window that the photo leaves to them. */
  get room() {
    const { hidden, offsetWidth, offsetHeight } = this.panel;
    const isSheet = matchMedia(SHEET).matches;
    return { top: 0, right: hidden || isSheet ? 0 : offsetWidth, bottom: hidden || !isSheet ? 0 : offsetHeight, left: 0 };
  }
}
