// The reason beside a column is that of the suggestion; once somebody chooses another field, the reason is their choice.

const colours = { sure: "green", likely: "blue", guess: "yellow" };

document.querySelector("#columns")?.addEventListener("change", (event) => {
  const chip = event.target.closest("tr")?.querySelector("[data-why]");
  if (!chip) return;
  const offered = event.target.value === chip.dataset.offered;
  chip.textContent = offered ? chip.dataset.said : chip.dataset.own;
  chip.className = `status status-${(offered && colours[chip.dataset.level]) || "secondary"}`;
});
