// Forms: warn before unsaved changes are lost, send once, ask before what cannot be undone.

const words = document.getElementById("says").dataset;
const changed = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-guard]")) changed.add(form);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  changed.delete(form);
  if (form.method === "post" && !form.matches("[hx-post]") && form.method !== "dialog") sendOnce(event);
});

function sendOnce(event) {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  // A download answers without leaving the page, and the back button brings the page back as it was.
  setTimeout(() => delete form.dataset.sent, 4000);
}
window.addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));
window.addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) {
    event.preventDefault();
    event.returnValue = words.unsaved;
  }
});
// The first field with an error is where the reader continues.
document.querySelector("form .is-invalid, form [aria-invalid=true]")?.focus();

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
});
