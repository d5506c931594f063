// Lists: a row opens its record, ticks gather for the bulk bar.

const lists = (target) => target.closest("[data-list]");

function count(list) {
  const ticks = [...list.querySelectorAll("[data-check]")];
  const chosen = ticks.filter((tick) => tick.checked).length;
  const bar = list.querySelector("[data-bulk]");
  if (bar) {
    bar.hidden = chosen === 0;
    bar.querySelector("[data-bulk-count]").textContent = chosen;
    offerEverybody(list, chosen === ticks.length);
  }
  const all = list.querySelector("[data-check-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === ticks.length;
    all.indeterminate = chosen > 0 && chosen < ticks.length;
  }
}

// Once a whole page is ticked, everybody whom the list describes may be chosen instead; what works on ticks alone steps back.
function offerEverybody(list, whole) {
  const everyone = list.querySelector("[data-bulk-everyone]");
  const offer = list.querySelector("[data-bulk-all]");
  if (!everyone || !offer) return;
  everyone.disabled = true;
  offer.hidden = !whole || !list.querySelector("a[rel=next], a[rel=prev]");
  offer.querySelector("[data-bulk-total]").textContent = everyone.dataset.bulkEveryone;
  list.querySelectorAll("[data-bulk-ticked]").forEach((one) => { one.hidden = false; });
}

function chooseEverybody(list) {
  const everyone = list.querySelector("[data-bulk-everyone]");
  everyone.disabled = false;
  list.querySelector("[data-bulk-count]").textContent = everyone.dataset.bulkEveryone;
  list.querySelectorAll("[data-bulk-ticked], [data-bulk-all]").forEach((one) => { one.hidden = true; });
}

function tick(list, on) {
  list.querySelectorAll("[data-check]").forEach((one) => { one.checked = on; });
  count(list);
}

document.addEventListener("change", (event) => {
  const list = lists(event.target);
  if (!list) return;
  if (event.target.matches("[data-check-all]")) tick(list, event.target.checked);
  else if (event.target.matches("[data-check]")) count(list);
});

document.addEventListener("click", (event) => {
  const none = event.target.closest("[data-bulk-none]");
  if (none) tick(lists(none), false);
  const everybody = event.target.closest("[data-bulk-all]");
  if (everybody) chooseEverybody(lists(everybody));
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, select, summary") || getSelection().toString()) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.assign(row.dataset.href);
});
// The export holds what the list shows: its link follows the filters.
document.addEventListener("htmx:pushedIntoHistory", (event) => {
  const query = event.detail.path.split("?")[1] ?? "";
  document.querySelectorAll("[data-export]").forEach((link) => { link.search = query; });
});
document.addEventListener("htmx:afterSwap", (event) => {
  const list = event.target.closest?.("[data-list]");
  if (list) count(list);
});
