// Texts whose contrast to the ground behind them is below WCAG AA (4.5, or 3 for large ones), as a list of strings.
() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });

  const over = (colour, ground) => {
    context.fillStyle = `rgb(${ground.join(" ")})`;
    context.fillRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const ground = (element) => {
    const behind = element.parentElement ? ground(element.parentElement) : [255, 255, 255];
    return over(getComputedStyle(element).backgroundColor, behind);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ownText = (element) =>
    [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent.trim()).join("");

  return [...document.body.querySelectorAll("*")]
    .filter((element) => ownText(element) && element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
    .map((element) => {
      const style = getComputedStyle(element);
      const behind = ground(element);
      const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
      return [ratio(over(style.color, behind), behind), large ? 3 : 4.5, ownText(element)];
    })
    .filter(([found, needed]) => found < needed)
    .map(([found, needed, text]) => `${found.toFixed(2)} < ${needed}: ${text}`);
};
