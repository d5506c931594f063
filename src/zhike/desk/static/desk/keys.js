// Keyboard: "/" searches, "g" and a letter goes to a page, "n" starts something new, Esc leaves a field.

let going = false;

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

function go(letter) {
  document.querySelector(`[data-go="${CSS.escape(letter)}"]`)?.click();
}

function search() {
  const here = [...document.querySelectorAll("main [data-search], [data-search]")].find((one) => one.offsetParent);
  here?.focus();
  here?.select();
}

function start() {
  document.querySelector(".page-actions [data-new], .page-actions .btn-primary")?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && typing(event.target)) event.target.blur();
  if (typing(event.target)) return;
  if (going) {
    going = false;
    go(event.key);
  } else if (event.key === "g") {
    going = true;
    setTimeout(() => { going = false; }, 1200);
  } else if (event.key === "/") {
    event.preventDefault();
    search();
  } else if (event.key === "n") {
    event.preventDefault();
    start();
  }
});
