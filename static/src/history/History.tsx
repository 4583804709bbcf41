import { SegmentedControl, Select } from "@mantine/core";
import { useState } from "react";
import { useProject } from "../project/queries";
import { Facts } from "./Facts";
import page from "../theme/Page.module.css";
import styles from "./History.module.css";

const NOUNS = ["task", "run", "approval", "plan", "question", "finding", "comment", "criterion", "budget", "project", "role",
  "request", "push", "session", "notices"]; // prettier-ignore

/** All that happened, of the chosen project or of the hub. */
export default function History() {
  const project = useProject();
  const [who, setWho] = useState("person");
  const [noun, setNoun] = useState<string | null>(null);
  const asked = { project_id: project?.id ?? null, who: who === "all" ? null : who, ...(noun && { kind: [noun] }) };
  return (
    <div className={`${page.page} ${styles.page}`}>
      <header className={page.head}>
        <h1 className={page.title}>History {project ? `of ${project.name}` : "of this hub"}</h1>
        <SegmentedControl
          size="xs"
          aria-label="Whose doing"
          value={who}
          onChange={setWho}
          data={[
            { value: "person", label: "What you did" },
            { value: "all", label: "All" },
          ]}
        />
        <Select
          size="xs"
          aria-label="What it is about"
          placeholder="About anything"
          clearable
          data={NOUNS}
          value={noun}
          onChange={setNoun}
        />
      </header>
      <Facts asked={asked} named />
    </div>
  );
}
