// What the tiles of a page (templates/_tiles.html) tell of their photos.

import { idIn } from "./address.js";

export const TILES = ".tiles a.open";
export const texts = document.getElementById("lightbox").dataset; // templates/_lightbox.html

export const tiles = () => [...document.querySelectorAll(TILES)];
export const tileOf = (photo) => document.getElementById(`photo-${photo.id}`);
export const thumbOf = (tile) => tile?.querySelector("img.picture");

/** As PhotoSwipe wants it, with what our buttons need. */
export function slide(tile) {
  const thumb = thumbOf(tile);
  const address = thumb.getAttribute("src").replace(/\/grid$/, "");
  const original = /^\/public\//.test(address) ? address : `${address}/original`; // administrators see hidden ones too
  const [width, height] = [Number(thumb.getAttribute("width")), Number(thumb.getAttribute("height"))];
  const previewWidth = Math.round(width * Math.min(1, Number(texts.largeSide) / Math.max(width, height)));
  const id = idIn(`#${tile.id}`);
  return {
    ...{ id, alt: thumb.alt, msrc: thumb.currentSrc, thumbCropped: true, width, height, previewWidth },
    src: `${address}/large`,
    srcset: previewWidth < width ? `${address}/large ${previewWidth}w, ${original} ${width}w` : "",
    download: `${"facts" in texts ? original : `/r/${id}/file`}?download=1`, // guests get what every phone knows
    facts: "facts" in texts ? `${tile.href}${tile.search ? "&" : "?"}part=facts` : "",
  };
}

/** Pixels of CSS: the original is worth its bytes only to those who zoom in. */
export function neededWidth(shown, { data, slide }) {
  const isZoomed = slide && slide.currZoomLevel > slide.zoomLevels.fit * 1.01;
  return isZoomed ? shown : Math.min(shown, data.previewWidth / devicePixelRatio);
}
