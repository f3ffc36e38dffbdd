/** One number over the last minutes, drawn by uPlot in the colours of the page. */
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

interface ChartProps {
  readonly title: string;
  /** Seconds since 1970, rising. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  readonly format: (value: number) => string;
}

const heightPx = 132;

export function Chart({ title, times, values, format }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [hovered, setHovered] = useState<number | undefined>(undefined);

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const made = new uPlot(optionsFor(element, setHovered), [[], []], element);
    plot.current = made;
    const width = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: heightPx }));
    width.observe(element);
    const unwatch = onThemeChange(() => made.redraw(false));
    return () => {
      width.disconnect();
      unwatch();
      made.destroy();
      plot.current = undefined;
    };
  }, []);

  useEffect(() => plot.current?.setData([[...times], [...values]]), [times, values]);

  const index = hovered ?? values.length - 1;
  const value = values[index];
  const highest = values.length === 0 ? 0 : Math.max(...values);
  return (
    <figure className="chart">
      <figcaption>
        <span>{title}</span>
        <span>
          <strong>{value === undefined ? "–" : format(value)}</strong>
          <small>{hovered === undefined ? "now" : timeOfDay(times[hovered])}</small>
        </span>
      </figcaption>
      <div
        ref={frame}
        role="img"
        aria-label={`${title}: now ${value === undefined ? "unknown" : format(value)}, highest ${format(highest)}`}
      />
    </figure>
  );
}

function optionsFor(element: HTMLElement, onHover: (index: number | undefined) => void): uPlot.Options {
  // Canvas knows no CSS variables: colours are read from elements of the page when they are drawn.
  const ink = () => colourOf(element, "--ink-3");
  const rule = () => colourOf(element, "--rule");
  const axis: uPlot.Axis = {
    stroke: ink,
    font: "11px system-ui, sans-serif",
    grid: { stroke: rule, width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: heightPx,
    legend: { show: false },
    padding: [8, 4, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(4, high * 1.15)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        space: 80,
        values: (_plot, ticks) => ticks.map(hourAndMinute),
      },
      { ...axis, size: 40, space: 32, values: (_plot, ticks) => ticks.map((tick) => compact.format(tick)) },
    ],
    series: [
      {},
      {
        stroke: () => colourOf(element, "--accent"),
        fill: () => colourOf(element, "--accent-soft"),
        width: 1.75,
        points: { show: false },
      },
    ],
    hooks: { setCursor: [({ cursor }) => onHover(cursor.idx ?? undefined)] },
  };
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const short = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const hourAndMinute = (seconds: number): string => short.format(seconds * 1_000);
const timeOfDay = (seconds: number | undefined): string =>
  seconds === undefined ? "" : clock.format(seconds * 1_000);

function colourOf(element: HTMLElement, variable: string): string {
  element.style.color = `var(${variable})`;
  const { color } = getComputedStyle(element);
  element.style.color = "";
  return color;
}

function onThemeChange(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = new MutationObserver(changed);
  system.addEventListener("change", changed);
  chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => {
    system.removeEventListener("change", changed);
    chosen.disconnect();
  };
}
