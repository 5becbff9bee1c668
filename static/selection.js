// Selecting photos: by their boxes, in ranges with shift, by day, and from the keyboard. Once something is selected,
// a click on a photo selects as well instead of opening it.

const gallery = () => document.getElementById("gallery");
const tiles = () => [...document.querySelectorAll("#gallery .tile")];
const boxOf = (tile) => tile.querySelector(".pick input");
const selected = () => [...document.querySelectorAll("#gallery .pick input:checked")].map((box) => box.closest(".tile"));
const isLightboxOpen = () => document.querySelector(".pswp");

let anchor; // the tile that was chosen last: a range goes from it

function select(some, isOn) {
  const maximum = Number(document.getElementById("bar").dataset.maximum);
  let free = maximum - selected().length;
  for (const tile of some) {
    const box = boxOf(tile);
    if (box.checked === isOn || (isOn && free <= 0)) continue;
    box.checked = isOn;
    free -= 1;
  }
  show();
}

function range(from, to) {
  const all = tiles();
  const [low, high] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  return low < 0 ? [to] : all.slice(low, high + 1);
}

/** `isRange`: all from the tile that was chosen last up to this one. */
function choose(tile, isOn, isRange) {
  select(isRange && anchor?.isConnected ? range(anchor, tile) : [tile], isOn);
  anchor = tile;
}

function show() {
  const chosen = selected();
  const bar = document.getElementById("bar");
  if (!bar) return;
  bar.querySelector("[data-selected]").textContent = chosen.length;
  gallery().classList.toggle("selecting", chosen.length > 0);
  const isShown = { keep: chosen.some((tile) => !tile.matches(".kept")), release: chosen.some((tile) => tile.matches(".kept")) };
  for (const [action, isNeeded] of Object.entries(isShown)) {
    const button = document.getElementById(`bar-${action}`);
    if (button) button.hidden = !isNeeded;
  }
  for (const button of document.querySelectorAll("[data-select-day]")) {
    button.setAttribute("aria-pressed", boxes(button).every((box) => box.checked));
  }
}

const boxes = (button) => [...button.closest(".day").querySelectorAll(".pick input")];

function clear() {
  const focused = document.activeElement.closest?.("#bar") && selected().at(-1);
  select(selected(), false);
  anchor = undefined;
  if (focused) focused.querySelector(".open").focus({ preventScroll: true });
}

// By pointer. Before others hear of it: a photo that is selected is not opened.

document.addEventListener(
  "click",
  (event) => {
    const box = event.target.closest(".pick input");
    const tile = event.target.closest("#gallery .tile");
    if (box) return choose(tile, box.checked, event.shiftKey);
    if (!tile || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!event.shiftKey && !selected().length) return;
    event.preventDefault();
    event.stopPropagation();
    choose(tile, event.shiftKey || !boxOf(tile).checked, event.shiftKey);
  },
  true,
);

document.addEventListener("click", ({ target }) => {
  const day = target.closest("[data-select-day]");
  if (day) select(boxes(day).map((box) => box.closest(".tile")), day.getAttribute("aria-pressed") !== "true");
  if (target.closest("#bar-clear")) clear();
});

// By keyboard: arrows go from photo to photo, with shift they select

function neighbour(tile, key) {
  const all = tiles();
  const place = all.indexOf(tile);
  const steps = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: all.length - 1 };
  return key in steps ? all[steps[key]] : beyond(tile, all, key === "ArrowDown" ? 1 : -1);
}

/** The tile of the next row, or of the one before, that is nearest. */
function beyond(tile, all, direction) {
  const here = tile.getBoundingClientRect();
  const middle = here.left + here.width / 2;
  const away = ({ top }) => (top - here.top) * direction;
  const rects = all.map((each) => [each, each.getBoundingClientRect()]).filter(([, rect]) => away(rect) > 2);
  const row = Math.min(...rects.map(([, rect]) => away(rect)));
  const distance = ([, rect]) => Math.abs(rect.left + rect.width / 2 - middle);
  return rects.filter(([, rect]) => away(rect) < row + 2).sort((a, b) => distance(a) - distance(b))[0]?.[0];
}

function move(tile, { key, shiftKey }) {
  const next = neighbour(tile, key);
  if (!next) return;
  next.querySelector(".open").focus();
  if (!shiftKey) return;
  anchor = anchor?.isConnected && boxOf(anchor).checked ? anchor : tile;
  select(range(anchor, next), true);
}

const KEYS = {
  Escape: () => selected().length && clear(),
  Delete: () => selected().length && document.getElementById("bar-delete")?.click(),
};

function onTile(event, tile) {
  if (/^(Arrow|Home$|End$)/.test(event.key)) move(tile, event);
  else if (event.key === " " && event.target.matches(".open")) choose(tile, !boxOf(tile).checked, event.shiftKey);
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  const { target, key, ctrlKey, metaKey, altKey } = event;
  if (!gallery() || isLightboxOpen() || altKey || target.closest("select, input:not([type=checkbox])")) return;
  const tile = target.closest("#gallery .tile");
  const isAll = (ctrlKey || metaKey) && event.code === "KeyA" && (tile || selected().length);
  if (isAll) select(tiles(), true);
  else if (ctrlKey || metaKey) return;
  else if (key in KEYS && (tile || target === document.body || target.closest("#bar"))) KEYS[key]();
  else if (!tile || !onTile(event, tile)) return;
  event.preventDefault();
});

document.addEventListener("photos-changed", show);
show();
