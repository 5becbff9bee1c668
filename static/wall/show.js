/* The show: which photo comes when, and what people at the screen can do. */
(function (Wall) {
  "use strict";

  const DWELL_MS = 8000;
  const DWELL_LEAST_MS = 3000;
  const LOAD_PATIENCE_MS = 30000;
  const HELD_MAX_BYTES = 96 * 1024 * 1024;
  const TRAIL_MAX = 200;
  const SILENCE_MS = 5000;

  const wall = document.getElementById("wall");
  const stage = Wall.stage(document.getElementById("stage"), wall.dataset.caption);
  const album = Wall.album(load, HELD_MAX_BYTES, arrived, withdraw);
  const feed = Wall.feed(wall.dataset.feed, { news, same, closed, locked, lost });

  let format = "webp";
  let trail = []; // ids in the order in which they were shown
  let place = -1; // of the shown one in it
  let timer = null;
  let since = 0;
  let dueAt = 0;
  let isPaused = false;
  let heardAt = Date.now();
  let endsAt = Infinity;
  let completeAt = Infinity;

  /* The server */

  function load(id) {
    const address = wall.dataset[format].replace(wall.dataset.any, id);
    const bytes = fetch(address, { credentials: "same-origin" }).then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.blob();
    });
    return Wall.timely(bytes, LOAD_PATIENCE_MS);
  }

  function news(body) {
    endsAt = body.ends_at;
    completeAt = body.complete_at || Infinity;
    album.update(body.photos);
    same();
  }

  function same() {
    heardAt = Date.now();
    look();
    album.fill(Date.now());
  }

  function lost() {
    look();
  }

  /* What time alone brings about is seen without a network too. */
  function look() {
    album.expire(feed.now());
    if (feed.now() >= endsAt) return closed();
    document.getElementById("away").hidden = Date.now() - heardAt < SILENCE_MS;
    if (!stage.isEmpty()) return state("showing");
    if (!album.isEmpty()) return undefined; // what is still on its way leaves the screen as it is
    return state(feed.now() < completeAt ? "waiting" : "over");
  }

  function closed() {
    endsAt = 0; // until the server brings news
    document.getElementById("away").hidden = true;
    album.update([]);
    feed.forget();
    state("ended");
  }

  function locked() {
    location.reload();
  }

  function state(name) {
    if (wall.dataset.state === name) return;
    wall.dataset.state = name;
    ["waiting", "over", "ended"].forEach((words) => {
      document.getElementById(words).hidden = name !== words;
    });
  }

  /* The order */

  /* Whoever has just been photographed does not wait for long. */
  function arrived(photo) {
    if (!stage.shows()) return show(photo, trail.length);
    const soonest = since + DWELL_LEAST_MS;
    return album.isNewer(photo.id, stage.shows()) && soonest < dueAt && schedule(Math.max(0, soonest - Date.now()));
  }

  function withdraw(id) {
    const wasShown = stage.shows() === id;
    stage.drop(id);
    if (wasShown) advance();
  }

  function advance() {
    const photo = album.next();
    if (!photo) return look();
    if (photo.id === stage.shows()) return schedule(DWELL_MS);
    return show(photo, trail.length);
  }

  function show(photo, at) {
    since = Date.now();
    album.seen(photo);
    if (at === trail.length) trail.push(photo.id);
    place = at;
    while (trail.length > TRAIL_MAX) {
      trail.shift();
      place -= 1;
    }
    schedule(DWELL_MS);
    stage.show(photo).then(look, () => {
      album.leaveOut(photo);
      withdraw(photo.id);
    });
  }

  function schedule(ms) {
    clearTimeout(timer);
    dueAt = Date.now() + ms;
    if (!isPaused) timer = setTimeout(advance, ms);
  }

  /* What people at the screen can do */

  /* The nearest photo in the trail that is still there, in steps of 1 or -1; beyond its end the show goes on. */
  function step(by) {
    for (let at = place + by; at >= 0 && at < trail.length; at += by) {
      const photo = album.find(trail[at]);
      if (photo) return show(photo, at);
    }
    return by > 0 && advance();
  }

  Wall.show = {
    back() {
      step(-1);
    },
    forward() {
      step(1);
    },
    /* Returns whether the show stands still now. */
    pause() {
      isPaused = !isPaused;
      schedule(DWELL_MS);
      return isPaused;
    },
    start() {
      Wall.canShowWebp().then((is) => {
        format = is ? "webp" : "jpeg";
        feed.start();
      });
    },
  };
})(window.Wall = window.Wall || {});
