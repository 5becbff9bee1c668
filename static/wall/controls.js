/* Keys, buttons and what a screen needs that stands there for hours. */
(function (Wall) {
  "use strict";

  const IDLE_MS = 3000;
  const DRIFT_MS = 60000;
  const DRIFTS = 8;
  const DRIFTS_IN_A_CORNER = 5;

  /* By key code: remote controls have no names for theirs. 19, 179, 415 and 10252 play and pause. */
  const KEYS = { 32: "pause", 37: "back", 39: "forward", 70: "full", 19: "pause", 179: "pause", 415: "pause", 10252: "pause" };

  const wall = document.getElementById("wall");
  const buttons = document.getElementById("controls");
  const root = document.documentElement;
  const enterFull = root.requestFullscreen || root.webkitRequestFullscreen;
  const leaveFull = document.exitFullscreen || document.webkitExitFullscreen;

  const actions = {
    back: Wall.show.back,
    forward: Wall.show.forward,
    pause() {
      buttons.querySelector("[data-do=pause]").setAttribute("aria-pressed", String(Wall.show.pause()));
    },
    full() {
      const isFull = document.fullscreenElement || document.webkitFullscreenElement;
      (isFull ? leaveFull.call(document) : enterFull.call(root));
    },
  };

  let idling = null;

  function wake() {
    clearTimeout(idling);
    wall.classList.remove("idle");
    idling = setTimeout(() => wall.classList.add("idle"), IDLE_MS);
  }

  function press(event) {
    wake();
    const name = KEYS[event.keyCode];
    const isForButton = event.keyCode === 32 && event.target.closest && event.target.closest("button");
    if (!name || isForButton || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions[name]();
  }

  /* Only where the browser allows it: over HTTPS. */
  function stayAwake() {
    if (navigator.wakeLock && !document.hidden) navigator.wakeLock.request("screen").catch(() => {});
  }

  /* Nothing stands in one place for hours: it would stay in the glass. */
  function drift(turn) {
    wall.dataset.drift = turn % DRIFTS;
    wall.dataset.corner = Math.floor(turn / DRIFTS_IN_A_CORNER) % 2 ? "left" : "right";
    setTimeout(drift, DRIFT_MS, turn + 1);
  }

  buttons.hidden = false;
  buttons.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) actions[button.dataset.do]();
  });
  if (!enterFull) buttons.querySelector("[data-do=full]").hidden = true;
  else document.getElementById("stage").addEventListener("dblclick", actions.full);
  document.addEventListener("keydown", press);
  ["mousemove", "touchstart", "focusin"].forEach((name) => document.addEventListener(name, wake));
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
  drift(0);
  wake();
  Wall.show.start();
})(window.Wall = window.Wall || {});
