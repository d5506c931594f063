// The rule builder keeps what was typed: undo and redo, and a draft that survives a reload. Rows are made by the server.

const form = document.getElementById("builder");
const place = `zhike.rule ${form.dataset.draft}`;
const past = [];
const future = [];
let now = snapshot();
const saved = now;

function snapshot() {
  const data = new URLSearchParams(new FormData(form));
  data.delete("csrfmiddlewaretoken");
  return data.toString();
}

function keep() {
  const then = snapshot();
  if (then === now) return;
  past.push(now);
  future.length = 0;
  now = then;
  remember();
}

function remember() {
  if (now === saved) sessionStorage.removeItem(place);
  else sessionStorage.setItem(place, now);
  buttons();
}

function buttons() {
  const undo = form.querySelector("[data-undo]");
  const redo = form.querySelector("[data-redo]");
  if (undo) undo.disabled = !past.length;
  if (redo) redo.disabled = !future.length;
}

async function show(kept) {
  now = kept;
  const values = new URLSearchParams(kept);
  for (const name of ["name", "note"]) form.elements[name].value = values.get(name) ?? "";
  values.set("do", "redraw");
  const headers = { "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers")) };
  const answer = await fetch(form.dataset.rebuild, { method: "POST", body: values, headers });
  if (!answer.ok) return;
  const rule = document.getElementById("rule");
  rule.innerHTML = await answer.text();
  window.htmx.process(rule);
  remember();
  window.htmx.trigger(document.body, "rule-changed");
}

function step(from, to) {
  if (!from.length) return;
  to.push(now);
  show(from.pop());
}

// Rows come back from the server a moment after a choice; what was typed meanwhile is kept.
let sent = new Map();
let late = [];

function typed() {
  const fields = form.querySelectorAll("#rule input:not([type=hidden]):not([type=checkbox]), #rule textarea");
  return new Map([...fields].map((field) => [field.id, field.value]));
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target.id === "rule") sent = typed();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "rule") return;
  late = [...typed()].filter(([id, value]) => id && sent.has(id) && sent.get(id) !== value);
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "rule") return;
  for (const [id, value] of late) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
});

form.addEventListener("change", (event) => event.target.matches("[data-redraw]") || keep());
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "rule") return;
  const next = form.querySelector("[data-go-on]")?.dataset.goOn;
  if (next) (document.getElementById(next) ?? document.getElementById(`${next}-join`))?.focus();
  keep();
  buttons();
});
form.addEventListener("click", (event) => {
  if (event.target.closest("[data-undo]")) step(past, future);
  if (event.target.closest("[data-redo]")) step(future, past);
  if (event.target.closest("[data-forget], [data-forget-draft]")) sessionStorage.removeItem(place);
  if (event.target.closest("[data-forget-draft]")) location.reload();
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.matches("[data-save]")) sessionStorage.removeItem(place);
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox]), textarea");
  if (typing || !(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  if (key === "y" || event.shiftKey) step(future, past);
  else step(past, future);
});

const kept = sessionStorage.getItem(place);
if (kept && kept !== now && !form.querySelector("[aria-invalid]")) {
  past.push(now);
  show(kept);
  form.prepend(document.getElementById("draft-found").content.cloneNode(true));
}
