// The board: dropping a card on another lane opens the form that moves it there; buttons do the same without dragging.

let dragged = null;

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-from]") ?? null;
});
document.addEventListener("dragend", () => {
  document.querySelectorAll(".zk-over").forEach((lane) => lane.classList.remove("zk-over"));
  dragged = null;
});

function target(event) {
  const lane = event.target.closest?.("[data-lane]");
  return lane && dragged && dragged.dataset[lane.dataset.lane] && dragged.dataset.from !== lane.dataset.lane ? lane : null;
}

document.addEventListener("dragover", (event) => {
  const lane = target(event);
  document.querySelectorAll(".zk-over").forEach((one) => one.classList.toggle("zk-over", one === lane));
  if (!lane) return;
  event.preventDefault();
  lane.classList.add("zk-over");
});
document.addEventListener("drop", (event) => {
  const lane = target(event);
  if (!lane) return;
  event.preventDefault();
  location.assign(dragged.dataset[lane.dataset.lane]);
});
