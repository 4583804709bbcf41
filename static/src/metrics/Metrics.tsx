import { usePlace } from "../place/usePlace";
import { useProject } from "../project/queries";
import { Costs } from "./Costs";
import { PassRate, Rounds, Throughput } from "./Done";
import page from "../theme/Page.module.css";
import styles from "./Metrics.module.css";
import type { Asked } from "./queries";
import { spanQuery } from "./span";
import { SpanChoice } from "./SpanChoice";
import { Stages, Waiting } from "./Times";
import { zoneHere } from "./words";

/** How much was done, how well, how fast and for what, of the chosen project or of all. */
export default function Metrics() {
  const { span } = usePlace();
  const project = useProject();
  const zone = zoneHere();
  const asked: Asked = { ...spanQuery(span, zone), ...(project && { project_id: project.id }) };
  return (
    <div className={`${page.page} ${styles.page}`}>
      <header className={page.head}>
        <h1 className={page.title}>Metrics {project ? `of ${project.name}` : "of all projects"}</h1>
        <SpanChoice span={span} zone={zone} />
      </header>
      <p className={styles.zone}>Days are those of {zone}. Today is one of them, and still goes on.</p>
      <div className={styles.figures}>
        <Throughput asked={asked} />
        <PassRate asked={asked} />
        <Stages asked={asked} />
        <Rounds asked={asked} />
        <Waiting asked={asked} />
        <Costs asked={asked} />
      </div>
    </div>
  );
}
