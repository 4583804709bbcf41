import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { useFound } from "../command/queries";
import { PromptPreview } from "../context/PromptPreview";
import { useProject, useProjects } from "../project/queries";
import styles from "./Roles.module.css";

const SHOWN = 30;

/** What the role, as it is saved, would be told of a task that the person chooses. */
export function RolePreview({ role }: { role: string }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const found = useFound(typed);
  const recent = useRecent();
  const hits = found.map(({ task_id, key, title }) => ({ value: String(task_id), label: `${key} ${title}` }));
  const known = [...recent, ...hits].filter(({ value }, at, all) => all.findIndex((one) => one.value === value) === at);
  return (
    <section className={styles.group} aria-label="Preview on a task">
      <Select
        label="What it would be told of"
        description="As it is saved: what you changed and did not save is not in it."
        placeholder="Choose a task, or type words of it"
        nothingFoundMessage="No task has these words."
        searchable
        clearable
        data={known}
        value={chosen}
        onChange={setChosen}
        onSearchChange={setTyped}
      />
      {chosen !== null && <PromptPreview key={chosen} task={{ id: Number(chosen) }} as={role} />}
    </section>
  );
}

/** The newest tasks of the project in the address, or of the first one. */
function useRecent() {
  const here = useProject();
  const first = useProjects().data?.[0];
  const id = (here ?? first)?.id;
  const { data = [] } = useQuery({
    queryKey: [...keys.around, "newest", id],
    queryFn: () =>
      body(
        api.GET("/projects/{project_id}/tasks", {
          params: { path: { project_id: id ?? 0 }, query: { limit: SHOWN, sort: "-id" } },
        }),
      ),
    enabled: id !== undefined,
  });
  return data.map(({ id: task, key, title }) => ({ value: String(task), label: `${key} ${title}` }));
}
