// The photo that is looked at stands in the page's address: `#photo-` and its id.

export const idIn = (hash) => hash.match(/^#photo-([0-9a-f-]{36})$/)?.[1];

export function setAddress(address) {
  try {
    history.replaceState(history.state, "", address);
  } catch {
    // some browsers allow only so many changes in so many seconds; the next one is right again
  }
}
