import { Skeleton } from "@mantine/core";
import page from "../theme/Page.module.css";
import { ProblemNote } from "../problem/ProblemNote";
import { AgentCard } from "./AgentCard";
import styles from "./Agents.module.css";
import { useAgents } from "./queries";

/** Who carries runs out: what each can do, what it does now, and what holds in what models run there. */
export default function Agents() {
  const agents = useAgents();
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>Agents</h1>
      </header>
      {agents.isPending && <Skeleton height={260} radius={8} aria-label="Loading" />}
      {agents.isError && <ProblemNote error={agents.error} again={() => void agents.refetch()} />}
      <ul className={styles.list}>
        {agents.data?.map((agent) => (
          <li key={agent.name}>
            <AgentCard agent={agent} />
          </li>
        ))}
      </ul>
      {agents.data?.length === 1 && (
        <p className={page.hint}>
          More agents work beside this one once they are named in <code>AGENTS</code>: other processes that see the same
          folders.
        </p>
      )}
    </div>
  );
}
