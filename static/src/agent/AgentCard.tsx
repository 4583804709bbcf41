import type { Agent, AgentJob } from "../api/types";
import { duration, secondsBetween } from "../clock/words";
import { useNow } from "../clock/useNow";
import page from "../theme/Page.module.css";
import { linkTo, usePlace } from "../place/usePlace";
import { Key } from "../tag/Key";
import { Tag } from "../tag/Tag";
import styles from "./Agents.module.css";
import { Cage } from "./Cage";
import { beatWords, executorWords, heldWords, limitWords, loadWords, stateOf } from "./words";

const AIDER = {
  warm: ["Aider is warm", "ok"],
  cold: ["Aider is cold", "plain"],
  absent: ["no Aider", "wait"],
} as const;

export function AgentCard({ agent }: { agent: Agent }) {
  const [state, tone] = stateOf(agent);
  const differs = limitWords(agent);
  return (
    <article className={styles.card} aria-label={`Agent ${agent.name}`}>
      <header className={page.head}>
        <h2 className={styles.name}>{agent.name}</h2>
        <Tag tone={tone}>{state}</Tag>
        <span className={page.facts}>{beatWords(agent)}</span>
        <span className={styles.load}>{loadWords(agent)}</span>
      </header>
      <p className={page.facts}>{whereabouts(agent)}</p>
      {agent.sentence && (
        <p className={styles.trouble} role="status">
          {agent.sentence} {agent.way_out}
        </p>
      )}
      {differs && <p className={page.hint}>{differs}</p>}
      {agent.jobs.length > 0 && (
        <ul className={styles.jobs} aria-label="What it does now">
          {agent.jobs.map((job) => (
            <Job key={`${job.run_id}/${job.step}`} job={job} />
          ))}
        </ul>
      )}
      {agent.state === "alive" && agent.jobs.length === 0 && <p className={page.hint}>Nothing to do just now.</p>}
      {agent.executors.length > 0 && (
        <dl className={styles.facts}>
          <dt>Can</dt>
          <dd className={page.acts}>
            {agent.executors.map((one) => (
              <Tag key={one.name} tone={one.ready ? "plain" : "wait"} title={executorWords(one.name)}>
                {one.ready ? one.name : `${one.name}: not ready`}
              </Tag>
            ))}
          </dd>
          {agent.executors
            .filter((one) => !one.ready)
            .map((one) => (
              <dd key={one.name} className={page.hint}>
                {one.sentence} {one.way_out}
              </dd>
            ))}
          <dt>Tools</dt>
          <dd className={page.facts}>{agent.tools.join(", ")}</dd>
          {agent.aider !== null && (
            <>
              <dt>Aider</dt>
              <dd>
                <Tag tone={AIDER[agent.aider.state][1]}>{AIDER[agent.aider.state][0]}</Tag>{" "}
                <span className={page.hint}>
                  {agent.aider.sentence} {agent.aider.way_out}
                </span>
              </dd>
            </>
          )}
          {agent.cage !== null && <Cage cage={agent.cage} />}
        </dl>
      )}
    </article>
  );
}

function whereabouts({ url, host, pid, seconds_up }: Agent): string {
  const up = seconds_up === null ? "" : `up for ${duration(seconds_up)}`;
  return [url, host, pid === null ? "" : `process ${pid}`, up].filter(Boolean).join(" · ");
}

function Job({ job }: { job: AgentJob }) {
  const place = usePlace();
  const now = useNow(1);
  const held = heldWords(job.held);
  const change = { project: job.project_id ?? null, task: job.task_id ?? null, tab: "runs", run: job.run_id } as const;
  return (
    <li className={styles.job}>
      {job.task_id == null ? (
        <span>{job.request_id == null ? "A call of a tool of yours" : "Plans a request"}</span>
      ) : (
        <a className={styles.task} {...linkTo(place, change)}>
          {job.task_key && <Key>{job.task_key}</Key>} {job.task_title}
        </a>
      )}
      <span className={page.facts}>
        {[job.stage?.toUpperCase(), job.step, job.executor, job.model].filter(Boolean).join(" · ")}
      </span>
      {held && <Tag tone="wait">{held}</Tag>}
      <span className={styles.time}>{duration(secondsBetween(job.started_at, now))}</span>
    </li>
  );
}
