"use strict";
// Without this script every card is shown; with it, cards are filtered by verdict and by words.
(() => {
  const filters = document.getElementById("filters");
  if (!filters) return;
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const buttons = [...filters.querySelectorAll("button")];
  const cards = [...document.querySelectorAll("article.card")];
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  let texts = null;
  let timer = 0;

  const words = () => {
    const wanted = fold(search.value).split(/\s+/).filter(Boolean);
    if (wanted.length && !texts) {
      texts = cards.map((card) =>
        fold([...card.querySelectorAll("[data-find]")].map((part) => part.textContent).join(" ")),
      );
    }
    return wanted;
  };

  const update = () => {
    const outcome = buttons.find((button) => button.getAttribute("aria-pressed") === "true").dataset.outcome;
    const wanted = words();
    let count = 0;
    cards.forEach((card, place) => {
      const fits =
        (!outcome || card.dataset.outcome === outcome) &&
        wanted.every((word) => texts[place].includes(word));
      card.hidden = !fits;
      count += fits;
    });
    const line = shown.dataset.shown.replace("{shown}", count).replace("{total}", cards.length);
    shown.textContent = count ? line : `${line}. ${shown.dataset.none}`;
  };

  const press = (pressed) => {
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button === pressed)));
    update();
  };

  buttons.forEach((button) => button.addEventListener("click", () => press(button)));
  // A short pause, so that a screen reader hears one count and not one a letter.
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(update, 150);
  });
  // A link to a card that the filter hides shows all cards first.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#d"]');
    const card = link && document.getElementById(link.getAttribute("href").slice(1));
    if (card && card.hidden) {
      search.value = "";
      press(buttons[0]);
    }
  });
  filters.hidden = false;
  update();
})();
