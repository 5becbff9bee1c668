/* One photo on the screen, over a backdrop of its own colours, and the calm way from one to the next. */
(function (Wall) {
  "use strict";

  const LEAVING_MAX_MS = 5000;
  const BACKDROP_PX = [20, 200];
  const ONE_PIXEL = "data:image/webp;base64,UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA";

  function scaled(source, width, height, px) {
    const canvas = document.createElement("canvas");
    const scale = px / Math.max(width, height);
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const drawing = canvas.getContext("2d");
    drawing.imageSmoothingQuality = "high";
    drawing.drawImage(source, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  /* The picture made so small that nothing but its light is left, and softly large again: no filter, which a
     television would have to compute for each frame. */
  function backdrop(image) {
    const light = scaled(image, image.naturalWidth, image.naturalHeight, BACKDROP_PX[0]);
    const canvas = scaled(light, light.width, light.height, BACKDROP_PX[1]);
    canvas.className = "backdrop";
    canvas.setAttribute("aria-hidden", "true");
    return canvas;
  }

  function loaded(image, address) {
    return new Promise((resolve, reject) => {
      image.onload = () => resolve(image.decode ? image.decode() : undefined);
      image.onerror = reject;
      image.src = address;
    });
  }

  /* Tablets of some years ago know no WebP. */
  Wall.canShowWebp = function () {
    return loaded(new Image(), ONE_PIXEL).then(() => true, () => false);
  };

  /* `caption` says what the pictures are. */
  Wall.stage = function (root, caption) {
    let slides = []; // {id, element, address}: the last is shown, those before it are leaving
    let coming = null;

    function remove(slide) {
      if (slides.indexOf(slide) < 0) return;
      slides = slides.filter((other) => other !== slide);
      root.removeChild(slide.element);
      URL.revokeObjectURL(slide.address);
    }

    function enter(id, image) {
      const element = document.createElement("figure");
      element.className = "slide";
      element.dataset.id = id;
      element.appendChild(backdrop(image));
      element.appendChild(image);
      const leaving = slides.slice();
      const clear = () => leaving.forEach(remove);
      // Not after the time that a fade takes: a slow television may begin it late, and must not go dark meanwhile.
      element.addEventListener("transitionend", (event) => event.target === element && clear());
      setTimeout(clear, LEAVING_MAX_MS);
      slides.push({ id: id, element: element, address: image.src });
      root.appendChild(element);
      element.getBoundingClientRect(); // drawn once, so that it fades in
      element.classList.add("seen");
    }

    return {
      /* The id of the photo that is shown or about to be; null where there is none. */
      shows() {
        return coming || (slides.length ? slides[slides.length - 1].id : null);
      },

      isEmpty() {
        return slides.length === 0;
      },

      /* Resolves once the photo is on the screen, or is not wanted there any more; rejects if it is no picture. */
      show(photo) {
        const image = new Image();
        const address = URL.createObjectURL(photo.blob);
        image.className = "photo drifting";
        image.alt = caption;
        coming = photo.id;
        return loaded(image, address).then(
          () => {
            if (coming !== photo.id) return URL.revokeObjectURL(address);
            coming = null;
            return enter(photo.id, image);
          },
          (error) => {
            URL.revokeObjectURL(address);
            throw error;
          }
        );
      },

      /* Off the screen at once, without a fade. */
      drop(id) {
        if (coming === id) coming = null;
        slides.filter((slide) => slide.id === id).forEach(remove);
      },
    };
  };
})(window.Wall = window.Wall || {});
