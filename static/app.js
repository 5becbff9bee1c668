// Small helps on top of pages that work without them. htmx does the swapping; nothing here knows about one page only.

const texts = document.body.dataset;
const language = document.documentElement.lang;
const all = (root, selector) => [
  ...(root.matches?.(selector) ? [root] : []),
  ...root.querySelectorAll(selector),
];

document.documentElement.classList.add("js");

// What changed by itself is said once: to screen readers, and to eyes where the page does not show it anyway.

let hideToast;
function announce(text, visible = true) {
  const toast = document.getElementById("toast");
  toast.textContent = text;
  requestAnimationFrame(() => toast.classList.toggle("shown", visible));
  clearTimeout(hideToast);
  hideToast = setTimeout(() => toast.classList.remove("shown"), 4000);
}

// Copying, on plain HTTP too, where browsers offer no clipboard API.

async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      return await navigator.clipboard.writeText(text);
    } catch {
      // refused by the browser's settings: the old way may still work
    }
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "default-button";
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  if (!copied) throw new Error("the browser refused to copy");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await copy(button.dataset.copy);
  } catch {
    return announce(texts.failed);
  }
  announce(texts.copied);
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 2000);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const field = button.parentElement.querySelector("input");
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", shown);
});

// Moments are written in the house's time zone: here only how long ago the last ones were.

const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

function momentText(element) {
  element.written ??= element.textContent;
  const minutes = Math.round((new Date(element.dateTime) - Date.now()) / 60000);
  if (minutes < -24 * 60) return element.written;
  return minutes > -60 ? ago.format(Math.min(0, minutes), "minute") : ago.format(Math.round(minutes / 60), "hour");
}

function showMoments(root) {
  for (const element of all(root, "time[data-moment='relative']")) element.textContent = momentText(element);
}

// A number and its slider, and what is derived from it.

function followNumber(id, value) {
  for (const slider of document.querySelectorAll(`[data-mirror="${id}"]`)) slider.value = value;
  for (const output of document.querySelectorAll(`[data-from="${id}"]`)) {
    if (/^\d+$/.test(value)) output.value = Number(value) + Number(output.dataset.plus);
  }
}

document.addEventListener("input", (event) => {
  const { id, value, dataset } = event.target;
  if (dataset.mirror) document.getElementById(dataset.mirror).value = value;
  followNumber(dataset.mirror || id, value.trim());
});

// What a folded part says of itself is what was saved.

document.addEventListener("input", (event) => event.target.closest("details")?.querySelector("[data-said]")?.remove());

// Enter in a field that has a button of its own presses that one, not the first of the form.

document.addEventListener("keydown", (event) => {
  const button = event.key === "Enter" && document.getElementById(event.target.dataset?.enter);
  if (!button || event.isComposing) return;
  event.preventDefault();
  button.click();
});

// Unsaved edits: leaving asks first.

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => event.target.closest("form[data-guard]")?.setAttribute("data-dirty", ""));
}
window.addEventListener("beforeunload", (event) => {
  if (!document.querySelector("form[data-dirty]")) return;
  event.preventDefault();
  setTimeout(release); // for whoever stays
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-discard]")) {
    document.querySelectorAll("form[data-dirty]").forEach((form) => form.removeAttribute("data-dirty"));
  }
});

// What was sent cannot be sent or changed again before the page is left: a second click is no second post.

const sent = new Set();
let sending;

function release() {
  clearTimeout(sending);
  for (const form of sent) form.inert = false;
  sent.clear();
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return; // htmx sends it: unsaved until the answer draws the form anew
  const form = event.target;
  if (sent.has(form)) return event.preventDefault(); // by a button that stands outside it
  form.removeAttribute("data-dirty");
  if (event.submitter?.matches("[data-stays]")) return; // a download
  sent.add(form);
  form.inert = true;
  sending = setTimeout(announce, 700, texts.wait);
});
window.addEventListener("pageshow", release); // somebody came back
document.addEventListener("keydown", ({ key }) => key === "Escape" && release()); // the browser stopped sending

// Images by drop, click and paste.

function give(input, files) {
  const image = [...files].find((file) => file.type.startsWith("image/") || /\.hei[cf]$/i.test(file.name));
  if (!image || input.closest("[inert]")) return false;
  const carrier = new DataTransfer();
  carrier.items.add(image);
  input.files = carrier.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.("[data-drop]");
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // a photo dropped beside the zone must not replace the page
    zone?.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && zone) give(zone.querySelector("input"), event.dataTransfer.files);
  });
}

document.addEventListener("paste", (event) => {
  const zone =
    document.activeElement?.closest("[data-drop]") ||
    document.querySelector("[data-drop]:hover") ||
    [...document.querySelectorAll("[data-drop]")].find((part) => part.checkVisibility());
  const files = event.clipboardData?.files;
  if (zone && files?.length && give(zone.querySelector("input"), files)) event.preventDefault();
});

document.addEventListener("change", (event) => {
  const { dataset, files } = event.target;
  const preview = dataset.preview && document.getElementById(dataset.preview);
  if (!preview || !files?.length) return;
  const zone = preview.closest(".drop");
  zone.querySelector("[data-file-name]").textContent = files[0].name;
  zone.classList.add("chosen", "filled");
  URL.revokeObjectURL(preview.src);
  preview.src = URL.createObjectURL(files[0]);
  preview.hidden = false;
  preview.onerror = () => zone.classList.remove("filled"); // HEIC: no browser but Safari shows it
});

// Parts that refresh themselves while somebody looks.

let seconds = 0;

function refresh(due) {
  if (document.hidden) return;
  for (const part of document.querySelectorAll("[data-refresh]")) {
    if (due || seconds % Number(part.dataset.refresh) === 0) htmx.trigger(part, "refresh");
  }
}

setInterval(() => {
  seconds += 1;
  refresh(false);
  if (seconds % 30 === 0) showMoments(document.body);
}, 1000);
document.addEventListener("visibilitychange", () => refresh(true));

setInterval(() => {
  for (const counter of document.querySelectorAll("[data-elapsed]")) {
    counter.startedAt ??= performance.now() - Number(counter.dataset.elapsed) * 1000;
    counter.textContent = Math.floor((performance.now() - counter.startedAt) / 1000);
  }
}, 200);

// htmx: what it brought is prepared, what it could not bring is said.

let stood = new Set(); // what was said of a state that the page shows still

function prepare(root) {
  showMoments(root);
  for (const { dataset } of all(root, "[data-announce]")) {
    if (!stood.has(dataset.once)) announce(dataset.announce, false);
  }
  root.parentElement?.closest("form[data-guard]")?.setAttribute("data-dirty", ""); // a part that somebody changed
}

// What an answer will draw anew cannot be changed meanwhile: the server knows the form only as it was sent.

const awaited = new Map();

document.addEventListener("htmx:beforeRequest", ({ detail: { elt, target, xhr } }) => {
  const form = elt.closest("form[data-guard]");
  if (!form) return;
  const parts = target.matches("[data-together]") ? form.querySelectorAll("[data-together]") : [target];
  awaited.set(xhr, { parts, focused: document.activeElement.id, slow: setTimeout(announce, 700, texts.wait) });
  for (const part of parts) part.inert = true;
});
document.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
  if (!awaited.has(xhr)) return;
  const { parts, focused, slow } = awaited.get(xhr);
  awaited.delete(xhr);
  clearTimeout(slow);
  for (const part of parts) part.inert = false;
  if (document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
});

// What was unfolded or scrolled sideways stays so when it is drawn anew, and what had the focus inside it keeps it.

let unfolded = [];
let scrolled = [];
let focused = "";
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = [...document.querySelectorAll("details[id][open]")];
  scrolled = [...document.querySelectorAll(".scrolled[id]")].map(({ id, scrollLeft }) => [id, scrollLeft]);
  stood = new Set([...document.querySelectorAll("[data-once]")].map(({ dataset }) => dataset.once));
  focused = document.activeElement.id;
});
document.addEventListener("htmx:afterSwap", () => {
  for (const { id } of unfolded) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, left] of scrolled) document.getElementById(id)?.scrollTo({ left, behavior: "instant" });
  if (document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
});

// An outage is announced once, as is its end, however many parts go on asking; what somebody did is answered each time.

function setAway(isAway, { requestConfig }, sentence = texts.offline) {
  const sign = document.getElementById("away");
  const isNews = sign.hidden === isAway;
  const isPoll = requestConfig.triggeringEvent?.type === "refresh";
  sign.hidden = !isAway;
  if (isNews || (isAway && !isPoll)) announce(isAway ? sentence : texts.online);
}

document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
document.addEventListener("htmx:sendError", ({ detail }) => {
  setAway(true, detail, detail.requestConfig.verb === "get" ? texts.offline : texts.unsent);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { status } = detail.xhr;
  if (status) setAway(status >= 500, detail); // 0 is an error of sending
});
document.addEventListener("htmx:responseError", ({ detail }) => {
  const { status } = detail.xhr;
  if (status < 500) announce(status === 413 ? texts.tooLarge : texts.failed);
});

if (!window.htmx) prepare(document.body);
