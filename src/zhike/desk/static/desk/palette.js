// The command palette: Ctrl+K, type, arrows, Enter.

const palette = document.getElementById("palette");
const input = palette?.querySelector("input");
const hits = document.getElementById("palette-hits");

const found = () => [...hits.querySelectorAll("[role=option]")];

function choose(place) {
  const all = found();
  all.forEach((one, at) => one.setAttribute("aria-selected", at === place));
  all[place]?.scrollIntoView({ block: "nearest" });
  if (all[place]) input.setAttribute("aria-activedescendant", all[place].id);
  else input.removeAttribute("aria-activedescendant");
}

function open() {
  if (palette.open) return;
  document.querySelectorAll("dialog[open]").forEach((one) => one.close());
  palette.showModal();
  input.value = "";
  window.htmx.trigger(input, "palette");
}

function move(by) {
  const all = found();
  const now = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (all.length) choose((now + by + all.length) % all.length);
}

if (palette) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => event.target.closest("[data-palette]") && open());
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      // A search field would spend the first Esc on clearing itself.
      event.preventDefault();
      palette.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      found().find((one) => one.getAttribute("aria-selected") === "true")?.click();
    }
  });
  hits.addEventListener("htmx:afterSwap", () => choose(0));
}
