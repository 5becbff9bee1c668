// What a bar of a heartbeat stands for, said while it is pointed at.

const PLACES = 60;

document.addEventListener("pointermove", ({ target, clientX }) => {
  const bars = target.closest?.(".heartbeat");
  if (!bars) return;
  const { left, width } = bars.getBoundingClientRect();
  const words = bars.closest("[data-s]").dataset;
  const said = bars.dataset.said.split(";");
  const place = Math.floor(((clientX - left) / width) * PLACES) - (PLACES - said.length);
  const [, moment, took] = said[place]?.match(/^(.*) (.*)$/) ?? [];
  bars.title = moment ? `${moment} · ${words[took] ?? `${took} ${words.s}`}` : "";
});
