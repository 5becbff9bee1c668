// Blue dots: what has changed in VK is shown beside its community, until the administrator opens it.
//
// A part with `data-community` (the id) gets `data-updated`, and each `[data-dot]` inside is shown; its text is what a
// screen reader says.

const PERIOD = 4500; // so that a dot is there within five seconds of what happened in VK
const SOON = 1000;
const SOON_AT_MOST = 5; // in a row, for VK may take longer than anybody waits

const headers = { "Content-Type": "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) };
const newReader = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");

let reader = newReader();
let soon = 0;
let timer;

async function ask() {
  const body = JSON.stringify({ reader });
  const answer = await fetch("/api/getUpdates", { method: "POST", headers, body, signal: AbortSignal.timeout(PERIOD) });
  if (!answer.ok) throw new Error(`updates: ${answer.status}`);
  return answer.json();
}

function mark(id) {
  for (const part of document.querySelectorAll(`[data-community="${CSS.escape(id)}"]:not([data-updated])`)) {
    part.dataset.updated = "";
    for (const dot of part.querySelectorAll("[data-dot]")) {
      dot.hidden = false;
      document.getElementById("toast").textContent = dot.textContent.trim();
    }
  }
}

async function poll() {
  clearTimeout(timer);
  if (document.hidden) return;
  const startedAt = performance.now();
  try {
    const { updatedProjectIds, isMoreComing } = await ask();
    updatedProjectIds.forEach(mark);
    soon = isMoreComing ? soon + 1 : 0;
  } catch {
    // The answer may have been lost on its way: a new reader is told again of all that nobody has seen.
    reader = newReader();
    soon = 0;
  }
  clearTimeout(timer);
  const pause = 0 < soon && soon <= SOON_AT_MOST ? SOON : PERIOD;
  timer = setTimeout(poll, Math.max(0, startedAt + pause - performance.now()));
}

document.addEventListener("visibilitychange", poll);
poll();
