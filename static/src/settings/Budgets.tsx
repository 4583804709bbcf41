import { Button, NumberInput, Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { api, body } from "../api/client";
import type { Project, ProjectPatch } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellProblem } from "../problem/tell";
import { useEditProject, useProjects } from "../project/queries";
import { SettingGroup } from "./SettingGroup";
import styles from "./Settings.module.css";
import { tellUndo } from "./tellUndo";

const BUDGETS = ["budgets"];

/** What models may cost: a day, a project, a run. */
export default function Budgets() {
  const budgets = useQuery({ queryKey: BUDGETS, queryFn: () => body(api.GET("/budgets")), staleTime: 0 });
  const projects = useProjects();
  return (
    <div className={styles.section}>
      <h1 className={styles.title}>Budgets</h1>
      <p className={styles.lead}>
        The worst case of a call is held before it is made. What does not fit waits for you in the inbox, unpaid.
      </p>
      <SettingGroup names={["daily_budget_usd", "run_budget_usd"]} />
      {budgets.isPending && <Skeleton height={90} radius={8} />}
      {budgets.isError && <ProblemNote error={budgets.error} again={() => void budgets.refetch()} />}
      {budgets.data && <Today spent={budgets.data.today.spent_usd} limit={budgets.data.today.limit_usd} />}
      <h2 className={styles.heading}>Projects</h2>
      {projects.data?.length === 0 && <p className={styles.hint}>There is no project yet.</p>}
      <div className={styles.rows}>
        {projects.data?.map((project) => (
          <OfProject
            key={`${project.id}.${project.version}`}
            project={project}
            spent={budgets.data?.projects.find((one) => one.project_id === project.id)?.spent_usd}
          />
        ))}
      </div>
    </div>
  );
}

function Today({ spent, limit }: { spent: number; limit: number | null }) {
  const client = useQueryClient();
  const [begun, setBegun] = useState<{ value: number | null } | null>(null);
  const value = begun === null ? limit : begun.value;
  const put = useMutation({
    mutationFn: (usd: number | null) => body(api.PUT("/budgets/today", { body: { limit_usd: usd } })),
    onSettled: () => client.invalidateQueries({ queryKey: BUDGETS }),
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    const told = () => {
      setBegun(null);
      tellUndo("Today's limit: saved.", () => put.mutateAsync(limit), "Today's limit is as it was before.");
    };
    put.mutateAsync(value).then(told, tellProblem);
  };
  return (
    <form className={styles.row} onSubmit={send} aria-label="Today alone">
      <Money
        label="Today alone"
        hint={`Until midnight UTC, whatever the day's budget says. Spent so far: $${spent.toFixed(4)}.`}
        value={value}
        change={(next) => setBegun({ value: next })}
      />
      {value !== limit && (
        <div>
          <Button type="submit" loading={put.isPending}>
            Save
          </Button>
        </div>
      )}
    </form>
  );
}

function OfProject({ project, spent }: { project: Project; spent: number | undefined }) {
  const [all, setAll] = useState(project.budget_usd);
  const [run, setRun] = useState(project.run_budget_usd);
  const save = useEditProject(project.id);
  const changed = all !== project.budget_usd || run !== project.run_budget_usd;
  const patch = (version: number, budget_usd: number | null, run_budget_usd: number | null) =>
    ({ version, budget_usd, run_budget_usd }) as ProjectPatch; // only what is named changes
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    const back = (version: number) => save.mutateAsync(patch(version, project.budget_usd, project.run_budget_usd));
    save.mutateAsync(patch(project.version, all, run)).then(
      ({ version }) =>
        tellUndo(`${project.name}: saved.`, () => back(version), `${project.name}'s budgets are as they were before.`),
      () => undefined, // shown below, where it stands
    );
  };
  return (
    <form className={styles.row} onSubmit={send} aria-label={`Budgets of ${project.name}`}>
      <h3 className={styles.name}>{project.name}</h3>
      <div className={styles.fields}>
        <Money
          label="All of it, for ever"
          hint={spent === undefined ? "US dollars." : `Spent so far: $${spent.toFixed(4)}.`}
          value={all}
          change={setAll}
        />
        <Money label="One run of it" hint="Empty: as above for all runs." value={run} change={setRun} />
      </div>
      {save.isError && <ProblemNote error={save.error} />}
      {changed && (
        <div className={styles.means}>
          <p>It holds from the next call on; runs that wait for money go on where it is there by then.</p>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </div>
      )}
    </form>
  );
}

interface MoneyProps {
  label: string;
  hint: string;
  value: number | null;
  change: (value: number | null) => void;
}

function Money({ label, hint, value, change }: MoneyProps) {
  return (
    <NumberInput
      label={label}
      description={hint}
      size="sm"
      maw={280}
      prefix="$"
      min={0}
      max={1e12}
      decimalScale={4}
      placeholder="no limit"
      value={value ?? ""}
      onChange={(next) => change(next === "" ? null : Number(next))}
    />
  );
}
