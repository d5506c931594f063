// Turns every [data-chart] into an ECharts picture of the JSON it names; the numbers stand beside it as a table.

const { sign } = document.body.dataset;
const chinese = document.body.dataset.lang.toLowerCase().startsWith("zh");
// From which size a number is shortened, by how much, and what is written behind it (as core/figures.py does).
const steps = chinese ? [[1e8, 1e8, " 亿"], [1e4, 1e4, " 万"]] : [[1e9, 1e9, "B"], [1e6, 1e6, "M"], [1e4, 1e3, "K"]];
let loading;

function library() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.body.dataset.echarts;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

function grouped(value, places) {
  return value.toLocaleString("en-US", { minimumFractionDigits: 0, maximumFractionDigits: places });
}

function short(value) {
  const step = steps.find(([least]) => Math.abs(value) >= least);
  return step ? grouped(value / step[1], 1) + step[2] : grouped(value, Math.abs(value) < 100 ? 1 : 0);
}

export function written(value, unit) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (value < 0) return `−${written(-value, unit)}`;
  if (unit === "share") return `${grouped(value * 100, 1)}%`;
  if (unit === "money") return `${sign} ${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  if (unit === "money_short") return `${sign} ${short(value)}`;
  if (unit === "days") return chinese ? `${grouped(value, 0)} 天` : `${grouped(value, 0)} d`;
  return grouped(value, 2);
}

const number = (point) => (Array.isArray(point.value) ? point.value[2] : point.value);

function labels(series, unit) {
  const label = series.label;
  if (!label?.show && !label?.zhike) return;
  const brief = unit === "money" ? "money_short" : unit;
  if (label.zhike === "name_and_value") label.formatter = (point) => `${point.name}\n${written(point.value, brief)}`;
  else if (label.zhike === "signed") label.formatter = (point) => signed(point.data, brief);
  else label.formatter = (point) => written(number(point), brief);
  if (label.shadeAbove !== undefined) {
    series.data.forEach((cell) => { cell.label = { color: cell.value[2] > label.shadeAbove ? "#fff" : "#2b3742" }; });
  }
}

function signed(data, unit) {
  const value = data.signed ?? data.value;
  return value === 0 ? "" : written(value, unit);
}

function tooltip(option, unit) {
  if (!option.tooltip) return;
  // Rich text draws on the canvas; the HTML kind would need inline styles.
  Object.assign(option.tooltip, { renderMode: "richText", confine: true, textStyle: { fontSize: 12 }, borderColor: "#e6eaee" });
  const row = (point) => `${point.seriesName && point.componentSubType !== "treemap" ? `${point.seriesName}  ` : ""}${written(point.data?.signed ?? number(point), unit)}`;
  option.tooltip.formatter = (found) =>
    Array.isArray(found)
      ? [found[0].name, ...found.map((point) => `${point.seriesName}  ${written(point.value, unit)}`)].join("\n")
      : `${found.name}\n${row(found)}`;
}

function dress(option) {
  const unit = option.zhike?.unit ?? "plain";
  const font = getComputedStyle(document.body).fontFamily;
  option.textStyle = { fontFamily: font, color: "#49566c" };
  for (const axis of [option.xAxis, option.yAxis].flat()) {
    if (axis?.type === "value") axis.axisLabel = { formatter: (value) => written(value, unit === "money" ? "money_short" : unit), hideOverlap: true };
    if (axis?.type === "category") axis.axisLabel = { hideOverlap: true, ...axis.axisLabel };
  }
  option.series.forEach((series) => labels(series, unit));
  tooltip(option, unit);
  return option;
}

async function draw(area) {
  if (area.dataset.drawn) return;
  area.dataset.drawn = "yes";
  const source = document.getElementById(area.dataset.chart);
  const echarts = await library();
  const chart = echarts.init(area, null, { renderer: "canvas" });
  const option = dress(JSON.parse(source.textContent));
  chart.setOption(laid(option, area));
  chart.on("click", (point) => point.data?.url && location.assign(point.data.url));
  chart.on("mouseover", (point) => { area.classList.toggle("zk-clickable", Boolean(point.data?.url)); });
  new ResizeObserver(() => fit(chart, option, area)).observe(area);
}

const NARROW = 480;

/* The picture as its width allows: names around a wheel are broken into the room beside it, a waterfall lies on its side. */
function laid(option, area) {
  if (option.radar) return { ...option, radar: wheel(option.radar, area) };
  return option.zhike?.turns && area.clientWidth < NARROW ? turned(option) : option;
}

function wheel(radar, area) {
  const part = area.clientWidth < NARROW ? 0.5 : 0.58;
  const radius = (Math.min(area.clientWidth, area.clientHeight) / 2) * part;
  const room = area.clientWidth / 2 - radius - 20;
  return { ...radar, radius, axisName: { ...radar.axisName, formatter: (name) => broken(name, room, radar.axisName.fontSize) } };
}

/* Chinese breaks between any two characters, other writing between words. */
function broken(name, room, size) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  const width = (text) => pen.measureText(text.trimEnd()).width;
  const whole = width(name);
  const even = Math.min(room, whole / Math.ceil(whole / room) + size); // lines of about one length, no last letter alone
  const lines = [""];
  for (const piece of name.match(/[\u2e80-\uffff]|[^\u2e80-\uffff\s]+\s*/g) ?? []) {
    const last = lines.length - 1;
    if (lines[last] && width(lines[last] + piece) > even) lines.push(piece);
    else lines[last] += piece;
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}

function turned(option) {
  const beside = (series) => (series.label ? { ...series, label: { ...series.label, position: "right" } } : series);
  return {
    ...option,
    grid: { ...option.grid, right: 72 },
    xAxis: option.yAxis,
    yAxis: { ...option.xAxis, inverse: true },
    series: option.series.map(beside),
  };
}

/* A heat map writes its figures only where they have room; otherwise the shades and the table tell. */
function fit(chart, option, area) {
  chart.resize();
  if (option.radar || option.zhike?.turns) chart.setOption(laid(option, area), true);
  if (option.series[0]?.type !== "heatmap") return;
  chart.setOption({ series: [{ label: { show: area.clientWidth / (option.xAxis.data.length + 1) > 44 } }] });
}

function drawAll(root) {
  root.querySelectorAll?.("[data-chart]").forEach(draw);
}

function save(name, url) {
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
}

function png(area) {
  save(`${area.dataset.name}.png`, window.echarts.getInstanceByDom(area).getDataURL({ pixelRatio: 2, backgroundColor: "#fff" }));
}

function csv(area) {
  const table = document.querySelector(`#${CSS.escape(area.id)}-table table`);
  const quoted = (cell) => `"${(cell.dataset.value ?? cell.textContent).trim().replaceAll('"', '""')}"`;
  const lines = [...table.rows].map((row) => [...row.cells].map(quoted).join(","));
  // Excel reads UTF-8 only behind a byte order mark.
  save(`${area.dataset.name}.csv`, URL.createObjectURL(new Blob(["\ufeff", lines.join("\r\n")], { type: "text/csv" })));
}

function swap(button, area) {
  const table = document.getElementById(`${area.id}-table`);
  const shown = table.classList.toggle("shown");
  area.classList.toggle("hidden", shown);
  button.setAttribute("aria-pressed", shown);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-chart-table], [data-chart-png], [data-chart-csv]");
  if (!button) return;
  const { chartTable, chartPng, chartCsv } = button.dataset;
  const area = document.getElementById(chartTable ?? chartPng ?? chartCsv);
  if (chartTable) swap(button, area);
  if (chartPng) png(area);
  if (chartCsv) csv(area);
});
document.addEventListener("htmx:afterSwap", (event) => drawAll(event.target.parentNode ?? document));
drawAll(document);
