import { Skeleton } from "@mantine/core";
import { lazy } from "react";
import type { Principles, Project } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone, tellProblem } from "../problem/tell";
import { useProject } from "../project/queries";
import { Tag } from "../tag/Tag";
import {
  principlesOf,
  usePrinciples,
  usePrinciplesDiff,
  usePrinciplesVersions,
  usePutPrinciples,
  usePutProjectPrinciples,
} from "./principles";
import page from "../theme/Page.module.css";
import styles from "./Roles.module.css";
import { Versions } from "./Versions";
import { WordsForm } from "./WordsForm";

const Fields = lazy(() => import("../diff/Fields"));

/** What every role is told, by the hub and by the project. */
export default function PrinciplesView() {
  const place = usePlace();
  const principles = usePrinciples();
  const project = useProject();
  return (
    <article className={`${page.page} ${styles.page}`} aria-label="Principles">
      <a className={styles.back} {...linkTo(place, { view: "roles", role: null })}>
        ← All roles
      </a>
      <h1 className={styles.title}>Principles {principles.data && <Tag>version {principles.data.version}</Tag>}</h1>
      {principles.isPending && <Skeleton height={320} radius={8} />}
      {principles.isError && <ProblemNote error={principles.error} again={() => void principles.refetch()} />}
      {project && <OfProject key={project.id} project={project} />}
      {project === null && (
        <p className={styles.hint}>A project may add principles of its own: choose one above to see and edit them.</p>
      )}
      {principles.data && <OfAll principles={principles.data} />}
    </article>
  );
}

function OfProject({ project }: { project: Project }) {
  const put = usePutProjectPrinciples(project);
  return (
    <WordsForm
      whose={`project.${project.id}`}
      label={`Principles of ${project.name}`}
      description="Told to every role that works on this project, after those of the hub."
      placeholder="Prices are integers, in cents."
      text={principlesOf(project)}
      version={project.version}
      save={(text, done) =>
        put.mutate(text, {
          onSuccess: () => {
            done();
            tellDone("Saved. Runs that begin from now on are told so.");
          },
        })
      }
      saving={put.isPending}
      error={put.error}
    />
  );
}

function OfAll({ principles }: { principles: Principles }) {
  const put = usePutPrinciples();
  const versions = usePrinciplesVersions();
  const { version } = principles;
  return (
    <>
      <WordsForm
        whose="all"
        label="Principles of all"
        description="Each prompt of every role carries them, in every project."
        text={principles.text}
        version={version}
        save={(text, done) =>
          put.mutate(
            { version, text },
            {
              onSuccess: (saved) => {
                done();
                tellDone(`Saved as version ${saved.version}. Runs that begin from now on are told so.`);
              },
            },
          )
        }
        saving={put.isPending}
        error={put.error}
      />
      {versions.isError && <ProblemNote error={versions.error} again={() => void versions.refetch()} />}
      {versions.data && (
        <Versions
          key={version}
          of="the principles"
          versions={versions.data.map((one) => ({
            version: one.version,
            at: one.created_at,
            who: one.actor === "person" ? "you" : one.actor,
          }))}
          changes={(from, to) => <Changes from={from} to={to} />}
          revert={(to) => {
            const text = versions.data.find((one) => one.version === to)?.text ?? "";
            put.mutate({ version, text }, { onError: tellProblem });
          }}
          reverting={put.isPending}
        />
      )}
    </>
  );
}

function Changes({ from, to }: { from: number; to: number }) {
  const diff = usePrinciplesDiff(from, to);
  if (diff.isPending) return <Skeleton height={80} radius={8} />;
  if (diff.isError) return <ProblemNote error={diff.error} again={() => void diff.refetch()} />;
  return <Fields fields={diff.data.map(({ diff: lines }) => ({ name: "Principles of all", diff: lines }))} />;
}
