import "@mantine/charts/styles.layer.css";
import { BarChart } from "@mantine/charts";

export interface Series {
  name: string;
  words: string;
  /** The second of two: told from the first by its place and its shade, not by colour alone. */
  pale?: boolean;
}

interface BarsProps {
  data: Record<string, string | number>[];
  /** The column that names each bar. */
  by: string;
  series: Series[];
  value: (value: number) => string;
  /** The largest that there can be. */
  most?: number;
  /** Few bars with long names lie; days stand. */
  lying?: boolean;
}

const BAR = 38;
const AXIS = 50;
const LETTER = 7;
const NAMES = { least: 60, most: 190 };
const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Bars from nothing up. The chart is a picture: the table says the same to those who can't see it. */
export function Bars({ data, by, series, value, most, lying = false }: BarsProps) {
  const longest = Math.max(...data.map((row) => String(row[by]).length));
  const names = Math.min(NAMES.most, Math.max(NAMES.least, longest * LETTER));
  return (
    <BarChart
      h={lying ? data.length * BAR * (series.length > 1 ? 1.4 : 1) + AXIS : 220}
      data={data}
      dataKey={by}
      orientation={lying ? "vertical" : "horizontal"}
      series={series.map(({ name, words, pale }) => ({
        name,
        label: words,
        color: pale === true ? "var(--wf-wait)" : "var(--wf-accent)",
      }))}
      barProps={({ name }) => ({
        isAnimationActive: !calm(),
        radius: 2,
        fillOpacity: series.find((one) => one.name === name)?.pale === true ? 0.45 : 0.85,
      })}
      barChartProps={{ accessibilityLayer: false }}
      maxBarWidth={30}
      minBarSize={1}
      withLegend={series.length > 1}
      gridAxis={lying ? "y" : "x"}
      tickLine="none"
      valueFormatter={value}
      xAxisProps={lying ? { domain: [0, most ?? "auto"] } : { minTickGap: 24 }}
      yAxisProps={
        lying ? { width: names, interval: 0 } : { width: 56, domain: [0, most ?? "auto"], allowDecimals: false }
      }
    />
  );
}
