// Toasts, dialogs and the answers to requests that fail.

const says = document.getElementById("says").dataset;
const toasts = document.getElementById("toasts");

function fade(toast) {
  // Trouble stays until it is read; good news leaves by itself.
  if (!["error", "warning"].includes(toast.dataset.level)) setTimeout(() => toast.remove(), 6000);
}

export function say(text, level = "success") {
  const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  toast.dataset.level = level;
  toast.querySelector("span").textContent = text;
  if (level !== "success") toast.querySelector(".ti").className = "ti ti-alert-triangle";
  toasts.append(toast);
  fade(toast);
}

toasts.querySelectorAll(".zk-toast").forEach(fade);
// On a phone the settings' navigation is a strip; the open page's entry is brought into sight.
const strip = document.querySelector(".zk-settings-nav");
const here = strip?.querySelector("[aria-current]");
if (here) strip.scrollLeft = here.offsetLeft - strip.clientWidth / 2 + here.clientWidth / 2;

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-dismiss], [data-open], [data-close], [data-print], [data-copy]");
  if (!target) {
    // A click beside a dialog closes it.
    if (event.target instanceof HTMLDialogElement) event.target.close();
    return;
  }
  if (target.matches("[data-dismiss]")) target.closest(".zk-toast, .alert").remove();
  if (target.matches("[data-open]")) document.getElementById(target.dataset.open)?.showModal();
  if (target.matches("[data-close]")) target.closest("dialog")?.close();
  if (target.matches("[data-print]")) window.print();
  if (target.matches("[data-copy]")) copy(target);
});

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  await navigator.clipboard?.writeText(field.value);
  button.querySelector(".ti").className = "ti ti-check";
}

document.querySelectorAll("dialog[data-show]").forEach((one) => one.showModal());
document.addEventListener("toast", (event) => {
  const { value, text, level } = event.detail;
  say(value ?? text, level);
});
document.addEventListener("close-dialog", () => document.querySelectorAll("dialog[open]").forEach((one) => one.close()));
document.addEventListener("htmx:sendError", () => say(says.lost, "warning"));
document.addEventListener("htmx:responseError", (event) =>
  say(event.detail.xhr.status === 403 ? says.refused : says.broken, "error"),
);
// Signed out meanwhile: the sign-in page would land inside a table.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.responseURL.includes("/accounts/login/")) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
