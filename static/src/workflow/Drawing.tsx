import type { Graph, Way } from "./graph";
import styles from "./Workflow.module.css";

const WIDTH = 118;
const HEIGHT = 46;
const GAP = 34;
const TOP = 8;
const LANE = 15;

const left = (at: number) => 8 + at * (WIDTH + GAP);
const middle = (at: number) => left(at) + WIDTH / 2;

/** The stages from left to right; ways back run below them, each as deep as it is wide. */
export function Drawing({ graph }: { graph: Graph }) {
  const { stages, ways } = graph;
  const deepest = Math.max(0, ...ways.filter(straightNot).map(depth));
  const size = { width: left(stages.length) - GAP + 8, height: TOP + HEIGHT + 16 + deepest * LANE };
  return (
    <div className={styles.drawing} tabIndex={0} role="region" aria-label="The stages as a drawing">
      <svg {...size} viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label="The same as the list below">
        <defs>
          {(["next", "fail", "moved", "by hand"] as const).map((kind) => (
            <marker
              key={kind}
              id={`tip-${kind.replace(" ", "-")}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto-start-reverse"
            >
              <path d="M0 0 L8 4 L0 8 z" className={styles.tip} data-kind={kind} />
            </marker>
          ))}
        </defs>
        {ways.map((way) => (
          <path
            key={`${way.from}-${way.to}`}
            d={straightNot(way) ? below(way) : straight(way)}
            className={styles.way}
            data-kind={way.kind}
            markerEnd={`url(#tip-${way.kind.replace(" ", "-")})`}
          />
        ))}
        {stages.map(({ name, title, role, does }, at) => (
          <g key={`${at}${name}`} transform={`translate(${left(at)} ${TOP})`}>
            <rect width={WIDTH} height={HEIGHT} rx="8" className={styles.stage} data-works={does.length > 0} />
            <text x={WIDTH / 2} y="19" className={styles.stageTitle}>
              {short(title)}
            </text>
            <text x={WIDTH / 2} y="35" className={styles.stageRole}>
              {short(role ?? (does.length > 0 ? "" : "holds tasks"))}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

const straightNot = ({ from, to }: Way): boolean => to !== from + 1;
const depth = ({ from, to }: Way): number => Math.abs(to - from);

function straight({ from, to }: Way): string {
  const y = TOP + HEIGHT / 2;
  return `M${left(from) + WIDTH} ${y} L${left(to) - 1} ${y}`;
}

/** Leaves and arrives beside the middle, so that several ways of one stage stay apart. */
function below(way: Way): string {
  const { from, to } = way;
  const back = to < from;
  const y = TOP + HEIGHT;
  const down = y + 10 + depth(way) * LANE;
  const start = middle(from) + (back ? -1 : 1) * (10 + depth(way) * 4);
  const end = middle(to) + (back ? 1 : -1) * (10 + depth(way) * 4);
  return `M${start} ${y} C${start} ${down}, ${end} ${down}, ${end} ${y + 1}`;
}

const short = (words: string): string => (words.length > 16 ? `${words.slice(0, 15)}…` : words);
