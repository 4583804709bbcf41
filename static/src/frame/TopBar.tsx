import { HealthDot } from "../health/HealthDot";
import { usePlace, linkTo } from "../place/usePlace";
import { ProjectMenu } from "../project/ProjectMenu";
import { useSession } from "../session/queries";
import { useSummary } from "../project/queries";
import { PersonMenu } from "./PersonMenu";
import styles from "./TopBar.module.css";
import { costWords, waitingWords, workingWords } from "./words";

export function TopBar({ newProject, reportBug }: { newProject: () => void; reportBug: () => void }) {
  const place = usePlace();
  const { data } = useSummary();
  const session = useSession();
  const scripted = data?.scripted_model ?? session.data?.hub.scripted_model ?? false;
  return (
    <header className={styles.bar}>
      <a className={styles.name} {...linkTo(place, { view: "board", task: null })}>
        Workflow Hub
      </a>
      <ProjectMenu newProject={newProject} />
      <span className={styles.grow} />
      {scripted && (
        <span
          className={styles.scripted}
          title="The answers come from a file. Everything else is real: Aider, git, the tests, the scanners."
        >
          <b>Scripted model</b>
          <span className={styles.wide}> · plays a file, is no AI</span>
        </span>
      )}
      {data && (
        <>
          <span className={styles.pill} data-live={data.working > 0 || undefined}>
            {workingWords(data.working)}
            {data.model && <span className={styles.wide}> · {data.model}</span>}
          </span>
          <span className={`${styles.pill} ${styles.cost}`}>{costWords(data.cost_today_usd)} today</span>
          <a className={styles.pill} data-wait={data.waiting > 0 || undefined} {...linkTo(place, { view: "inbox" })}>
            <span aria-live="polite">{waitingWords(data.waiting)}</span>
          </a>
        </>
      )}
      <HealthDot />
      <PersonMenu reportBug={reportBug} />
    </header>
  );
}
