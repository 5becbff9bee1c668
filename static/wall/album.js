/* The photos of the wall: which ones there are, and their bytes, kept in memory so that the screen goes on without a
   network. Newest first. */
(function (Wall) {
  "use strict";

  const AT_ONCE = 2;
  const RETRY_MS = 5000; // twice as long after each failure: what is damaged stays so
  const RETRY_MOST_MS = 600000;

  /* `load(id)` promises a Blob, of all of which no more than `budgetBytes` are kept: the oldest photos go first, and
     come again as soon as there is room. `ready(photo)` is told of each that can be shown, `gone(id)` of each that must
     not be shown any more. */
  Wall.album = function (load, budgetBytes, ready, gone) {
    let photos = [];
    let turns = 0;

    function held() {
      return photos.reduce((sum, photo) => sum + (photo.blob ? photo.blob.size : 0), 0);
    }

    function release(photo) {
      photo.size = photo.blob.size;
      photo.blob = null;
    }

    function keepTo(wanted) {
      const left = photos.filter((photo) => !wanted.has(photo.id));
      photos = photos.filter((photo) => wanted.has(photo.id));
      left.forEach((photo) => gone(photo.id));
    }

    function came(photo, blob) {
      photo.isLoading = false;
      if (photos.indexOf(photo) < 0) return;
      photo.blob = blob;
      const loaded = photos.filter((other) => other.blob);
      while (held() > budgetBytes && loaded.length > 1) release(loaded.pop());
      if (photo.blob) ready(photo);
    }

    function failed(photo) {
      photo.isLoading = false;
      photo.failures += 1;
      photo.retryAt = null; // counted from when we next look for what is missing
    }

    function isDue(photo, now) {
      if (photo.retryAt === null) photo.retryAt = now + Math.min(RETRY_MS * Math.pow(2, photo.failures - 1), RETRY_MOST_MS);
      return photo.retryAt <= now;
    }

    return {
      /* What there is now, as `{id, expires_at}` in milliseconds. */
      update(list) {
        const known = new Map(photos.map((photo) => [photo.id, photo]));
        keepTo(new Set(list.map((entry) => entry.id)));
        photos = list.map((entry) => {
          const photo = known.get(entry.id) || { id: entry.id, blob: null, size: 0, shown: 0, failures: 0, retryAt: 0 };
          photo.expiresAt = entry.expires_at;
          return photo;
        });
      },

      /* Nobody needs to say that a photo's time is over. */
      expire(now) {
        keepTo(new Set(photos.filter((photo) => photo.expiresAt > now).map((photo) => photo.id)));
      },

      /* Begin to load what is missing, newest first. */
      fill(now) {
        const room = budgetBytes - held();
        const fits = (photo) => !photo.size || photo.size <= room;
        const missing = photos.filter((photo) => !photo.blob && !photo.isLoading && !photo.isLeftOut && fits(photo));
        const free = AT_ONCE - photos.filter((photo) => photo.isLoading).length;
        missing.filter((photo) => isDue(photo, now)).slice(0, Math.max(0, free)).forEach((photo) => {
          photo.isLoading = true;
          load(photo.id).then((blob) => came(photo, blob), () => failed(photo));
        });
      },

      /* The one that has not been seen for longest, the newest of several: what has just come goes first. */
      next() {
        return photos.filter((photo) => photo.blob).reduce(
          (best, photo) => (best && best.shown <= photo.shown ? best : photo), null);
      },

      /* Whether the one came after the other. */
      isNewer(id, other) {
        const ids = photos.map((photo) => photo.id);
        return ids.indexOf(id) < ids.indexOf(other);
      },

      isEmpty() {
        return photos.length === 0;
      },

      find(id) {
        return photos.filter((photo) => photo.id === id && photo.blob)[0] || null;
      },

      seen(photo) {
        turns += 1;
        photo.shown = turns;
      },

      /* Its bytes are no picture that this browser knows. */
      leaveOut(photo) {
        photo.blob = null;
        photo.isLeftOut = true;
      },
    };
  };
})(window.Wall = window.Wall || {});
