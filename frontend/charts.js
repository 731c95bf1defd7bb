// The charts half of the browser bundle, loaded only by pages that show one. It takes ECharts options as JSON, as the
// server's charting code writes them, so it knows nothing about any chart.
import { BarChart, HeatmapChart, LineChart, PieChart } from "echarts/charts";
import {
  AriaComponent, DatasetComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([
  AriaComponent, BarChart, CanvasRenderer, DatasetComponent, GridComponent, HeatmapChart, LegendComponent, LineChart,
  MarkLineComponent, PieChart, TooltipComponent, VisualMapComponent,
]);

/** A token of the stylesheet as a colour that a canvas and ECharts' own arithmetic understand. */
function token(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const pen = token.pen ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = getComputedStyle(probe).color;
  pen.fillRect(0, 0, 1, 1);
  probe.remove();
  const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
  return `rgba(${red},${green},${blue},${alpha / 255})`;
}

/** The look of the page: what an option does not say itself. */
function theme() {
  const [text, muted, line, rule, raised] = ["--text", "--muted", "--line", "--line-2", "--raised"].map(token);
  const letters = { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11 };
  const axis = {
    axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { ...letters, color: muted },
    nameTextStyle: { ...letters, color: muted }, splitLine: { lineStyle: { color: rule } },
  };
  return {
    color: ["--chart-1", "--chart-2", "--chart-3", "--chart-4", "--chart-other"].map(token),
    textStyle: letters,
    categoryAxis: { ...axis, splitLine: { show: false } },
    timeAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    legend: { textStyle: { ...letters, fontSize: 12, color: muted }, itemWidth: 8, itemHeight: 8, icon: "roundRect", itemGap: 14 },
    tooltip: {
      backgroundColor: raised, borderColor: line, borderWidth: 1, padding: [6, 10], confine: true,
      textStyle: { ...letters, fontSize: 12, color: text }, axisPointer: { lineStyle: { color: muted, type: "solid" }, shadowStyle: { color: token("--hover") } },
    },
    visualMap: { textStyle: { ...letters, color: muted } },
    line: { symbol: "circle", symbolSize: 5, showSymbol: false, lineStyle: { width: 1.75 } },
  };
}

const minus = "\u2212";

/** How amounts are written, by the names that an option has in place of functions. The sign stands before the currency. */
const writers = {
  /** `amount|$`: the plotted text itself, thousands apart, so that nothing is rounded. A point that is not there is "-". */
  amount: (currency) => (value) => {
    const [, below, whole, rest] = /^(-?)(\d+)(.*)$/.exec(String(value)) ?? [];
    if (whole === undefined) return "\u2013";
    const size = whole.replace(/\B(?=(\d{3})+$)/g, ",") + rest;
    return (below && /[1-9]/.test(size) ? minus : "") + currency + size;
  },
  /** `axis|$|1000|k`: a round number of the axis, divided, with a letter; zero is plain. */
  axis: (currency, unit, letter) => (value) => {
    const size = (Math.abs(value) / unit).toLocaleString("en", { maximumFractionDigits: 3 });
    return (value < 0 ? minus : "") + currency + size + (value === 0 ? "" : letter);
  },
};

function writer(name) {
  const [kind, ...given] = name.split("|");
  return given.length > 0 && Object.hasOwn(writers, kind) ? writers[kind](...given) : undefined;
}

/** An option whose colours may be tokens ("var(--good)") and whose formatters may be names of writers. */
function parsed(option) {
  const known = new Map();
  const colour = (name) => known.get(name) ?? known.set(name, token(name)).get(name);
  const value = JSON.parse(option, (key, part) => {
    if (typeof part !== "string") return part;
    if (key === "formatter" || key === "valueFormatter") return writer(part) ?? part;
    const name = /^var\((--[\w-]+)\)$/.exec(part)?.[1];
    return name ? colour(name) : part;
  });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return { animation: !still, animationDuration: 240, animationDurationUpdate: 240, ...value };
}

const look = () => token("--bg");

/** The theme, made once for each look of the page: asking the stylesheet makes the browser lay out the page. */
function themeOf(look) {
  if (themeOf.look !== look) Object.assign(themeOf, { look, made: theme() });
  return themeOf.made;
}

/** Draws the option: over what is there, or anew where nothing is or the page's theme has changed. */
function draw(handle) {
  const now = look();
  if (handle.look !== now) {
    handle.chart?.dispose();
    Object.assign(handle, { look: now, chart: echarts.init(handle.element, themeOf(now)) });
  }
  handle.chart.setOption(parsed(handle.option), { notMerge: true });
  handle.element.setAttribute("data-drawn", "");
}

/** Charts that are to be drawn when nothing else is to be done, one at a time, so that a click between them is answered. */
const waiting = new Set();
const idle = globalThis.requestIdleCallback ?? ((task) => setTimeout(task, 1));

function drawNext() {
  idle(() => {
    const [handle] = waiting;
    if (!handle) return;
    waiting.delete(handle);
    draw(handle);
    if (waiting.size) drawNext();
  }, { timeout: 300 });
}

function drawSoon(handle) {
  waiting.add(handle);
  if (waiting.size === 1) drawNext();
}

/** Draws a chart that fills `element`, soon; what it returns is the handle that the others take. */
export function mount(element, option) {
  const handle = { element, option };
  drawSoon(handle);
  return handle;
}

/** Shows another option in place of the present one, soon, moving what both have; also to be called when the theme changes. */
export function update(handle, option) {
  handle.option = option;
  drawSoon(handle);
}

/** Fits the chart to its element after that changed size. */
export function resize(handle) {
  handle.chart?.resize();
}

/** Frees the chart; its handle must not be used again. */
export function dispose(handle) {
  waiting.delete(handle);
  handle.chart?.dispose();
  handle.chart = undefined;
}
