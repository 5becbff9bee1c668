// Photos that come and go: older ones while one scrolls, new ones by themselves, and those that somebody takes away.
// What stands on the screen stays where it is. Without scripts the page has a link to older photos and is loaded anew.

const AHEAD = "1600px"; // before the end comes into sight, what follows it is asked for
const PATIENCE_MS = 3000;

const part = (id) => document.getElementById(id);
const tileOf = (id) => document.querySelector(`.tile[data-photo="${id}"]`);
const first = (selector) => document.querySelector(selector);

// Keeping the place

const isInSight = (element) => element.getBoundingClientRect().bottom > 0;
const isBusyAbove = () => first("#gallery .tile :checked, #gallery .tile :focus-visible");

/** Do something to the tiles above without moving those that somebody looks at. */
function keepingPlace(change) {
  const start = first("#gallery .day:not([hidden])");
  const isAtStart = !start || start.getBoundingClientRect().top >= 0;
  const anchor = isAtStart && !isBusyAbove() ? null : [...document.querySelectorAll("#gallery .tile")].find(isInSight);
  const before = anchor?.getBoundingClientRect().top;
  change();
  if (!anchor?.isConnected) return;
  scrollBy({ top: anchor.getBoundingClientRect().top - before, behavior: "instant" });
}

// Pictures fade in over their placeholders

function awaitPictures(root) {
  for (const picture of root.querySelectorAll(".tile .picture")) {
    if (!picture.complete) picture.classList.add("awaited");
  }
}

for (const kind of ["load", "error"]) {
  document.addEventListener(
    kind,
    ({ target }) => {
      if (!target.matches?.(".tile .picture")) return;
      target.classList.remove("awaited");
      target.classList.toggle("missing", kind === "error");
    },
    true,
  );
}

// Older photos

const ahead = new IntersectionObserver(
  (seen) => seen.forEach(({ isIntersecting, target }) => isIntersecting && htmx.trigger(target, "older")),
  { rootMargin: AHEAD },
);

function watchEnd() {
  ahead.disconnect();
  const older = first("[data-older]");
  if (older) ahead.observe(older);
}

function joinDays() {
  const seen = new Map();
  for (const day of document.querySelectorAll(".day[data-day]")) {
    const above = seen.get(day.dataset.day);
    if (!above) seen.set(day.dataset.day, day);
    else {
      above.querySelector(".tiles").append(...day.querySelectorAll(".tile"));
      day.remove();
    }
  }
}

// New photos stand in a group of their own; the rows below keep their shape

function takeArrivals() {
  const told = [...document.querySelectorAll("#watch .tile")];
  for (const tile of told) tile.remove();
  bringBack(told.map(({ dataset }) => dataset.photo)); // those that are shown again
  const came = told.filter(({ dataset }) => !tileOf(dataset.photo)); // others are told twice
  const group = part("arrivals");
  if (!came.length || !group) return;
  const scrolled = scrollY;
  keepingPlace(() => {
    group.querySelector(".tiles").prepend(...came);
    showFilledDays();
  });
  tell(scrollY !== scrolled ? came.length : 0);
}

/** What was shown again stands among the arrivals until its own place is reached. */
function dropTwins() {
  for (const tile of document.querySelectorAll("#arrivals .tile")) {
    if (document.querySelector(`.day[data-day] .tile[data-photo="${tile.dataset.photo}"]`)) tile.remove();
  }
}

function tell(photos) {
  const sign = part("news");
  const number = sign.querySelector("[data-news]");
  number.textContent = Number(number.textContent) + photos;
  sign.hidden = number.textContent === "0";
}

function forgetNews() {
  const sign = part("news");
  const arrivals = part("arrivals");
  if (!sign || sign.hidden || arrivals.getBoundingClientRect().top < -100) return;
  sign.hidden = true;
  sign.querySelector("[data-news]").textContent = "0";
}

addEventListener("scroll", forgetNews, { passive: true });

document.addEventListener("click", (event) => {
  if (!event.target.closest("#news")) return;
  event.preventDefault();
  scrollTo({ top: 0, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
  first("#arrivals .open")?.focus({ preventScroll: true });
});

// What is taken away can come back to its place

const taken = new Map(); // by id: the tile, what it belongs to, and what followed it

function takeAway(ids, wasOurs) {
  const tiles = ids.map(tileOf).filter(Boolean);
  if (!tiles.length) return;
  const isFocused = (wasOurs && isFocusLost()) || tiles.some((tile) => tile.contains(document.activeElement));
  const next = nextOf(tiles);
  keepingPlace(() => {
    for (const tile of tiles) {
      taken.set(tile.dataset.photo, { tile, rows: tile.parentElement, next: tile.nextElementSibling });
      tile.remove();
    }
    showFilledDays();
  });
  if (isFocused) next?.querySelector(".open").focus({ preventScroll: true });
}

/** Or is about to be, as the bar goes with the selection. */
const isFocusLost = () => document.activeElement.matches("body, #bar *");

function nextOf(tiles) {
  const all = [...document.querySelectorAll("#gallery .tile")];
  const rest = all.slice(all.indexOf(tiles[0])).find((tile) => !tiles.includes(tile));
  return rest ?? all.findLast((tile) => !tiles.includes(tile));
}

function bringBack(ids) {
  keepingPlace(() => {
    for (const id of ids.toReversed?.() ?? [...ids].reverse()) {
      const { tile, rows, next } = taken.get(id) ?? {};
      if (!tile || tileOf(id)) continue;
      rows.insertBefore(tile, next?.parentElement === rows ? next : null);
      taken.delete(id);
    }
    showFilledDays();
  });
}

function showFilledDays() {
  for (const day of document.querySelectorAll("#gallery .day")) day.hidden = !day.querySelector(".tile");
  const isFilled = Boolean(first("#gallery .day .tile, [data-older]"));
  for (const part of document.querySelectorAll("[data-empty]")) part.hidden = isFilled;
  for (const part of document.querySelectorAll("[data-end]")) part.hidden = !isFilled;
}

const changed = () => document.dispatchEvent(new Event("photos-changed"));

// What the server has done with those that were selected

function mark(ids, isKept) {
  const tiles = ids.map(tileOf).filter(Boolean);
  for (const tile of tiles) tile.classList.toggle("kept", isKept);
  if (isFocusLost()) tiles[0]?.querySelector(".open").focus({ preventScroll: true });
}

const EFFECTS = {
  gone: (ids) => takeAway(ids, true),
  back: bringBack,
  kept: (ids) => mark(ids, true),
  released: (ids) => mark(ids, false),
};

function showEffect(done) {
  const notice = done.querySelector("[data-effect]");
  if (!notice) return;
  for (const box of document.querySelectorAll("#gallery .pick input:checked")) box.checked = false;
  EFFECTS[notice.dataset.effect](notice.dataset.changed.split(" "));
  changed();
  htmx.trigger("#summary", "refresh");
}

document.addEventListener("click", ({ target }) => target.closest("[data-close]") && part("done").replaceChildren());

// htmx brings all of it

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id === "done") showEffect(part("done"));
  if (detail.requestConfig?.elt.id === "watch") {
    takeArrivals();
    takeAway(part("watch").dataset.withdrawn.split(" ").filter(Boolean), false);
  }
  joinDays();
  dropTwins();
  showFilledDays();
  watchEnd();
  changed();
});

document.addEventListener("htmx:load", ({ detail }) => {
  awaitPictures(detail.elt);
  watchEnd();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.id === "older" && !detail.successful) setTimeout(watchEnd, PATIENCE_MS);
});

awaitPictures(document.body);
watchEnd();
