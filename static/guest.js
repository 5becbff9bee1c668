// Small helps for guests' pages, which work without them. Phones of 2014 read this too: no syntax younger than ES5.

(function () {
  "use strict";

  var PERIOD = 2000; // ms between two looks for what has come or is gone
  var SILENCE = 4000; // ms until what was said is taken back

  var root = document.documentElement;
  var failed = document.body.getAttribute("data-failed");
  root.className += " js";

  function find(id) {
    return document.getElementById(id);
  }

  function all(selector, inside) {
    return Array.prototype.slice.call((inside || document).querySelectorAll(selector));
  }

  var hushing;
  function say(text) {
    var said = find("said");
    said.textContent = text;
    said.className = "shown";
    clearTimeout(hushing);
    hushing = setTimeout(function () {
      said.className = "";
    }, SILENCE);
  }

  function request(url, type, done, lost) {
    var asked = new XMLHttpRequest();
    asked.open("GET", url);
    asked.responseType = type;
    asked.onload = function () {
      if (asked.status === 200 && asked.response) done(asked.response);
      else lost(asked.status);
    };
    asked.onerror = asked.ontimeout = function () {
      lost(0);
    };
    asked.timeout = 30000;
    asked.send();
  }

  // Pictures appear when they are whole; one in a format that this phone does not know comes as a JPEG.

  function develop(picture) {
    function shown() {
      picture.classList.remove("awaited");
    }
    function failed() {
      var photo = /\/public\/results\/([0-9a-f-]{36})\/(\w+)$/.exec(picture.src);
      if (photo) picture.src = "/r/" + photo[1] + "/" + photo[2] + ".jpg";
      else shown();
    }
    if (picture.complete && picture.naturalWidth) return;
    picture.classList.add("awaited");
    picture.addEventListener("load", shown);
    picture.addEventListener("error", failed);
    if (picture.complete) failed();
  }

  function developAll(inside) {
    all("img.picture", inside).forEach(develop);
  }

  // Sharing: the photo itself where the phone can, else its address.

  function copy(text, button) {
    var field = document.createElement("textarea");
    field.value = text;
    field.readOnly = true;
    field.style.position = "fixed";
    field.style.opacity = "0";
    document.body.appendChild(field);
    field.select();
    field.setSelectionRange(0, text.length);
    var copied = document.execCommand("copy"); // not navigator.clipboard: it does not work on plain HTTP
    document.body.removeChild(field);
    button.focus();
    return copied;
  }

  function Sharing(button) {
    this.button = button;
    this.address = button.getAttribute("data-share");
    button.addEventListener("click", this.pressed.bind(this));
  }

  Sharing.prototype.pressed = function () {
    if (this.file) this.send({ files: [this.file] });
    else if (this.takesFiles()) this.load();
    else this.sendAddress();
  };

  Sharing.prototype.takesFiles = function () {
    try {
      return navigator.canShare({ files: [new File(["x"], "x.jpg", { type: "image/jpeg" })] });
    } catch (error) {
      return false; // an older phone, or plain HTTP
    }
  };

  Sharing.prototype.load = function () {
    var sharing = this;
    var button = this.button;
    button.setAttribute("aria-busy", "true");
    request(button.getAttribute("data-file"), "blob", function (data) {
      button.removeAttribute("aria-busy");
      sharing.file = new File([data], button.getAttribute("data-name"), { type: data.type });
      sharing.send({ files: [sharing.file] });
    }, function () {
      button.removeAttribute("aria-busy");
      sharing.sendAddress();
    });
  };

  Sharing.prototype.sendAddress = function () {
    if (navigator.share) this.send({ url: this.address });
    else say(copy(this.address, this.button) ? this.button.getAttribute("data-copied") : failed);
  };

  Sharing.prototype.send = function (what) {
    var button = this.button;
    navigator.share(what).catch(function (error) {
      if (error.name === "AbortError") return; // the guest has thought better of it
      // the file took so long that the phone has forgotten who asked for it
      say(error.name === "NotAllowedError" ? button.getAttribute("data-again") : failed);
    });
  };

  all("[data-share]").forEach(function (button) {
    return new Sharing(button);
  });

  // A password that can be looked at.

  var reveal = find("reveal");
  if (reveal) {
    reveal.addEventListener("click", function () {
      var field = find("password");
      var isShown = field.type === "password";
      field.type = isShown ? "text" : "password";
      reveal.setAttribute("aria-pressed", String(isShown));
    });
  }

  function sameAs(tile) {
    return ".tile[data-photo='" + tile.getAttribute("data-photo") + "']";
  }

  function take(tile) {
    tile.parentNode.removeChild(tile);
  }

  // Older photos follow those that are here: pressed, scrolled to, or asked for by the lightbox.

  function follow(link) {
    var isAsking = false;
    function ask(event) {
      if (event && event.type === "click") event.preventDefault();
      if (isAsking || !link.parentNode) return;
      isAsking = true;
      request(link.href, "document", function (page) {
        isAsking = false;
        append(page);
      }, function () {
        isAsking = false;
      });
    }
    function append(page) {
      var next = page.getElementById("older");
      all("#photos > li", page).forEach(function (tile) {
        all(sameAs(tile)).forEach(take); // it was shown again, and stood above: here is its place
        find("photos").appendChild(document.adoptNode(tile));
      });
      developAll(find("photos"));
      if (next) link.href = next.getAttribute("href");
      else link.parentNode.parentNode.removeChild(link.parentNode);
    }
    link.addEventListener("click", ask);
    link.addEventListener("older", ask);
    if (!window.IntersectionObserver) return;
    new IntersectionObserver(function (seen) {
      if (seen[seen.length - 1].isIntersecting) ask();
    }, { rootMargin: "800px" }).observe(link);
  }

  // What is on the page may go while it is open: `look(later)` is called again and again, but only while somebody sees it.

  function keepLooking(look) {
    var isWaiting = false;

    function begin() {
      isWaiting = document.hidden;
      if (!isWaiting) look(later);
    }
    function later() {
      setTimeout(begin, PERIOD);
    }
    document.addEventListener("visibilitychange", function () {
      if (isWaiting) begin();
    });
    later();
  }

  // The photo is gone, the link is closed, or asks for its password again: the page itself says which.
  function orElse(later) {
    return function (status) {
      if (!status || status === 204 || status === 429 || status >= 500) later();
      else location.reload();
    };
  }

  function guard(photo) {
    keepLooking(function (later) {
      request(photo.getAttribute("data-still"), "text", later, orElse(later));
    });
  }

  // New photos come to the top by themselves; what somebody is looking at stays where it is.

  function watch(gallery) {
    var url = gallery.getAttribute("data-arrivals");
    var news = find("news");
    var unseen = 0;
    var places = {}; // where photos were that are gone: they may be shown again
    var later;

    function look(onceMore) {
      later = onceMore;
      request(url, "json", hear, orElse(later));
    }

    function hear(told) {
      if (told.reload) return location.reload(); // too much has happened to be told
      url = told.next;
      var photos = find("photos");
      var before = photos.getBoundingClientRect().top;
      told.withdrawn.forEach(remove);
      if (told.tiles) arrive(told);
      if (told.summary) find("summary").innerHTML = told.summary;
      find("empty").hidden = Boolean(document.querySelector(".tile") || find("older"));
      if (window.pageYOffset > 0) window.scrollBy(0, photos.getBoundingClientRect().top - before);
      later();
    }

    function remove(id) {
      var tile = document.querySelector(".tile[data-photo='" + id + "']");
      if (!tile) return;
      places[id] = { tile: tile, tiles: tile.parentNode, next: tile.nextElementSibling };
      take(tile);
    }

    function putBack(tile) {
      var id = tile.getAttribute("data-photo");
      var place = places[id];
      if (!place) return;
      take(tile);
      place.tiles.insertBefore(place.tile, place.next && place.next.parentNode === place.tiles ? place.next : null);
      delete places[id];
    }

    function arrive(told) {
      var arrived = find("arrived");
      var known = all(".tile", arrived).length;
      arrived.insertAdjacentHTML("afterbegin", told.tiles);
      all(".tile", arrived).forEach(removeIfKnown);
      all(".tile", arrived).reverse().forEach(putBack);
      developAll(arrived);
      tell(all(".tile", arrived).length - known);
    }

    // Those of the last seconds are told again: one that was finished among them may have appeared after them.
    function removeIfKnown(tile) {
      if (all(sameAs(tile)).length > 1) take(tile);
    }

    function tell(count) {
      if (!count) return;
      unseen = isAway() ? unseen + count : count;
      var text = gallery.getAttribute("data-news").replace("{n}", unseen);
      news.querySelector("span").textContent = text;
      news.hidden = !isAway();
      if (news.hidden) say(text);
    }

    function isAway() {
      return find("arrived").getBoundingClientRect().bottom < 0;
    }

    window.addEventListener("scroll", function () {
      if (!isAway()) news.hidden = true;
    });
    news.addEventListener("click", function () {
      window.scrollTo(0, 0);
    });
    keepLooking(look);
  }

  developAll();
  all("[data-still]").forEach(guard);
  if (find("older")) follow(find("older"));
  if (find("gallery") && find("gallery").getAttribute("data-arrivals")) watch(find("gallery"));
})();
