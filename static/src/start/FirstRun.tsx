import { Button, Skeleton, Tabs } from "@mantine/core";
import { ProblemNote } from "../problem/ProblemNote";
import { useProjects } from "../project/queries";
import { Demo } from "./Demo";
import page from "../theme/Page.module.css";
import styles from "./FirstRun.module.css";
import { KeyForm } from "./KeyForm";
import { OllamaForm } from "./OllamaForm";
import { useInstalled } from "./queries";
import { readiness } from "./words";

/** What a hub needs before it can work: a model that answers, and a project. */
export default function FirstRun({ newProject }: { newProject: () => void }) {
  const models = useInstalled();
  const projects = useProjects();
  const now = models.data && readiness(models.data);
  return (
    <div className={`${page.page} ${styles.page}`}>
      <h1 className={page.title}>{projects.data?.length ? "Set up models" : "Set up your hub"}</h1>
      <section className={styles.step} aria-labelledby="start-model">
        <h2 id="start-model">1 · A model that answers</h2>
        {models.isPending && <Skeleton height={28} radius={6} />}
        {models.isError && <ProblemNote error={models.error} again={() => void models.refetch()} />}
        {now && (
          <p className={styles.state} data-tone={now.scripted ? "wait" : now.ready ? "ok" : "wait"} role="status">
            {now.sentence}
          </p>
        )}
        <Tabs defaultValue="ollama" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="ollama">On this machine: Ollama</Tabs.Tab>
            <Tabs.Tab value="key">With a key</Tabs.Tab>
            <Tabs.Tab value="demo">Only look: the demo</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="ollama" className={styles.panel}>
            <OllamaForm />
          </Tabs.Panel>
          <Tabs.Panel value="key" className={styles.panel}>
            <KeyForm />
          </Tabs.Panel>
          <Tabs.Panel value="demo" className={styles.panel}>
            <Demo />
          </Tabs.Panel>
        </Tabs>
      </section>
      <section className={styles.step} aria-labelledby="start-project">
        <h2 id="start-project">2 · A project</h2>
        <p>
          A project is a folder with your code. The team works on branches of its own; nothing reaches your main branch
          without your word.
        </p>
        <Button size="sm" className={styles.go} onClick={newProject}>
          New project
        </Button>
      </section>
    </div>
  );
}
