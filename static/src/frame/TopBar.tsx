import { PauseAll } from "../control/PauseAll";
import { usePauses } from "../control/queries";
import { HealthButton } from "../health/HealthButton";
import { late } from "../part/late";
import { usePlace, linkTo } from "../place/usePlace";
import { ProjectButton } from "../project/ProjectButton";
import { usePlaysScript, useSummary } from "../project/queries";
import { Key } from "../tag/Key";
import { PersonButton } from "./PersonButton";
import styles from "./TopBar.module.css";
import { costWords, waitingWords, workingWords } from "./words";

const HealthDot = late(() => import("../health/HealthDot"), HealthButton);
const ProjectMenu = late<{ newProject: () => void }>(() => import("../project/ProjectMenu"), ProjectButton);
const PersonMenu = late<{ reportBug: () => void; showKeys: () => void }>(() => import("./PersonMenu"), PersonButton);

interface Props {
  newProject: () => void;
  reportBug: () => void;
  showKeys: () => void;
  search: () => void;
}

export function TopBar({ newProject, reportBug, showKeys, search }: Props) {
  const place = usePlace();
  const { data } = useSummary();
  const still = usePauses().data?.everything ?? false;
  const scripted = usePlaysScript();
  return (
    <header className={styles.bar}>
      <a className={styles.name} {...linkTo(place, { view: "board", task: null })}>
        Workflow Hub
      </a>
      <ProjectMenu newProject={newProject} />
      <button
        type="button"
        className={styles.search}
        onClick={search}
        aria-label="Search or command Ctrl K"
        aria-keyshortcuts="Control+K"
      >
        <Lens />
        <span>Search or command</span> <Key>Ctrl K</Key>
      </button>
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
          <span className={styles.pill} data-live={(data.working > 0 && !still) || undefined}>
            {workingWords(data.working, still)}
            {data.model && <span className={styles.wide}> · {data.model}</span>}
          </span>
          <span className={`${styles.pill} ${styles.cost}`}>{costWords(data.cost_today_usd)} today</span>
          <a className={styles.pill} data-wait={data.waiting > 0 || undefined} {...linkTo(place, { view: "inbox" })}>
            <span aria-live="polite">{waitingWords(data.waiting)}</span>
          </a>
        </>
      )}
      <PauseAll />
      <HealthDot />
      <PersonMenu reportBug={reportBug} showKeys={showKeys} />
    </header>
  );
}

function Lens() {
  return (
    <svg
      width="15"
      height="15"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      aria-hidden="true"
    >
      <circle cx="7" cy="7" r="4.6" />
      <path d="m10.5 10.5 4 4" />
    </svg>
  );
}
