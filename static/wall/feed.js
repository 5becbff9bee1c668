/* Asks the server, twice a second, what there is to show: a photo that is withdrawn is off the screen within a second. */
(function (Wall) {
  "use strict";

  const EVERY_MS = 500;
  const LOST_EVERY_MS = 3000;
  const CLOSED_EVERY_MS = 120000;
  const PATIENCE_MS = 8000;

  /* Rejects where a promise takes too long: a fetch over a dead network may never end. */
  Wall.timely = function (promise, patienceMs) {
    return Promise.race([promise, new Promise((_, reject) => setTimeout(reject, patienceMs, new Error("too late")))]);
  };

  /* `hear` has `news(body)` for what has changed, `same()`, `closed()`, `locked()` and `lost()`. */
  Wall.feed = function (address, hear) {
    let etag = null;
    let ahead = 0;
    let asked = 0;
    let isAsking = false;
    let timer = null;

    function listen(answer) {
      const told = Date.parse(answer.headers.get("Date"));
      if (told) ahead = told - Date.now();
      if (answer.status === 304) return hear.same();
      etag = answer.status === 200 ? answer.headers.get("ETag") : null;
      if (answer.status === 200) return answer.json().then(hear.news);
      if (answer.status === 401) return hear.locked();
      return answer.status === 404 || answer.status === 410 ? closed() : lost();
    }

    function closed() {
      hear.closed();
      return CLOSED_EVERY_MS;
    }

    function lost() {
      hear.lost();
      return LOST_EVERY_MS;
    }

    function ask() {
      const turn = (asked += 1);
      const headers = etag ? { "If-None-Match": etag } : {};
      isAsking = true;
      const heard = fetch(address, { credentials: "same-origin", cache: "no-store", headers: headers })
        .then((answer) => (turn === asked ? listen(answer) : undefined));
      Wall.timely(heard, PATIENCE_MS).catch(lost).then(wait);
    }

    function wait(ms) {
      asked += 1; // an answer that comes later than our patience tells old news
      isAsking = false;
      if (!document.hidden) timer = setTimeout(ask, ms || EVERY_MS);
    }

    /* A screen that nobody sees asks nobody; as soon as it is seen again it does. */
    document.addEventListener("visibilitychange", () => {
      clearTimeout(timer);
      if (!document.hidden && !isAsking) ask();
    });

    return {
      start: ask,
      /* The next answer is news, whatever was heard before. */
      forget() {
        etag = null;
      },
      /* The server's time in milliseconds: a television's clock may be wrong. */
      now() {
        return Date.now() + ahead;
      },
    };
  };
})(window.Wall = window.Wall || {});
