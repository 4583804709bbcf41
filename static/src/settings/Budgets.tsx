import { Button, NumberInput, Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { SyntheticEvent } from "react";
import { api, body } from "../api/client";
import type { Project, ProjectPatch } from "../api/types";
import { Meanwhile } from "../draft/Meanwhile";
import { useBegun } from "../draft/useBegun";
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
            key={project.id}
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
  const put = useMutation({
    mutationFn: (usd: number | null) => body(api.PUT("/budgets/today", { body: { limit_usd: usd } })),
    onSettled: () => client.invalidateQueries({ queryKey: BUDGETS }),
  });
  const form = useBegun(limit, put.isPending);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!form.changed || form.overtaken) return;
    const told = () => {
      form.saved();
      tellUndo("Today's limit: saved.", () => put.mutateAsync(limit), "Today's limit is as it was before.");
    };
    put.mutateAsync(form.values).then(told, tellProblem);
  };
  return (
    <form className={styles.row} onSubmit={send} aria-label="Today alone">
      <Money
        label="Today alone"
        hint={`Until midnight UTC, whatever the day's budget says. Spent so far: $${spent.toFixed(4)}.`}
        value={form.values}
        change={form.put}
      />
      {form.overtaken && (
        <Meanwhile mine={form.mine} theirs={form.drop}>
          It was changed meanwhile. Now: <b>{moneyWords(limit)}</b>. Yours, not saved: <b>{moneyWords(form.values)}</b>.
        </Meanwhile>
      )}
      {form.changed && !form.overtaken && (
        <div>
          <Button type="submit" loading={put.isPending}>
            Save
          </Button>
        </div>
      )}
    </form>
  );
}

type Limits = Pick<Project, "budget_usd" | "run_budget_usd">;

function OfProject({ project, spent }: { project: Project; spent: number | undefined }) {
  const { budget_usd, run_budget_usd } = project;
  const now: Limits = { budget_usd, run_budget_usd };
  const save = useEditProject(project.id);
  const form = useBegun(now, save.isPending);
  const patch = (version: number, limits: Limits) => ({ version, ...limits }) as ProjectPatch; // only what is named changes
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!form.changed || form.overtaken) return;
    const back = (version: number) => save.mutateAsync(patch(version, now));
    save.mutateAsync(patch(project.version, form.values)).then(
      ({ version }) => {
        form.saved();
        tellUndo(`${project.name}: saved.`, () => back(version), `${project.name}'s budgets are as they were before.`);
      },
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
          value={form.values.budget_usd}
          change={(all) => form.put({ ...form.values, budget_usd: all })}
        />
        <Money
          label="One run of it"
          hint="Empty: as above for all runs."
          value={form.values.run_budget_usd}
          change={(run) => form.put({ ...form.values, run_budget_usd: run })}
        />
      </div>
      {save.isError && !form.overtaken && <ProblemNote error={save.error} />}
      {form.overtaken && (
        <Meanwhile mine={form.mine} theirs={form.drop}>
          It was changed meanwhile. Now: <b>{moneyWords(budget_usd)}</b>, and <b>{moneyWords(run_budget_usd)}</b> for
          one run. Yours, not saved: <b>{moneyWords(form.values.budget_usd)}</b>, and{" "}
          <b>{moneyWords(form.values.run_budget_usd)}</b>.
        </Meanwhile>
      )}
      {form.changed && !form.overtaken && (
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

const moneyWords = (usd: number | null): string => (usd === null ? "no limit" : `$${usd}`);

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
