// A file dropped on the frame is as good as one that was chosen; choosing a known source hides the name of a new one.

const zone = document.querySelector("[data-drop]");
const input = zone?.querySelector("input[type=file]");

zone?.addEventListener("dragover", (event) => {
  event.preventDefault();
  zone.classList.add("over");
});
zone?.addEventListener("dragleave", () => zone.classList.remove("over"));
zone?.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("over");
  if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
});

const source = document.querySelector("select[name=source]");
const fresh = document.querySelector("input[name=new_source]")?.closest(".zk-field");
const match = () => { if (fresh) fresh.hidden = source.value !== ""; };
source?.addEventListener("change", match);
if (source) match();
