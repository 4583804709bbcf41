import { Button, Group, Modal, NativeSelect, Skeleton, Stack } from "@mantine/core";
import { type ReactNode, Suspense, useState } from "react";
import { ago, clock } from "../clock/words";
import { useNow } from "../clock/useNow";
import { Tag } from "../tag/Tag";
import styles from "./Versions.module.css";

export interface Version {
  version: number;
  at: string;
  who: string;
}

interface Props {
  /** What they are versions of, in a sentence: "the role DEV". */
  of: string;
  /** The newest first. */
  versions: Version[];
  changes: (from: number, to: number) => ReactNode;
  revert: (to: number) => void;
  reverting: boolean;
}

/** How a text came about: any two versions beside each other, and the way back to each. */
export function Versions({ of, versions, changes, revert, reverting }: Props) {
  const newest = versions[0]?.version ?? 1;
  const [pair, setPair] = useState<{ from: number; to: number } | null>(null);
  const [back, setBack] = useState<number | null>(null);
  const { from, to } = pair ?? { from: newest - 1, to: newest };
  const choices = versions.map(({ version }) => ({ value: String(version), label: `version ${version}` }));
  return (
    <section className={styles.box} aria-label="Versions">
      <h2>Versions</h2>
      {newest === 1 ? (
        <p className={styles.none}>One so far: it was not changed yet.</p>
      ) : (
        <>
          <div className={styles.compare}>
            <NativeSelect
              size="xs"
              label="What changed from"
              data={choices}
              value={String(from)}
              onChange={(event) => setPair({ from: Number(event.currentTarget.value), to })}
            />
            <NativeSelect
              size="xs"
              label="to"
              data={choices}
              value={String(to)}
              onChange={(event) => setPair({ from, to: Number(event.currentTarget.value) })}
            />
          </div>
          <Suspense fallback={<Skeleton height={80} radius={8} />}>{changes(from, to)}</Suspense>
        </>
      )}
      <List
        versions={versions}
        newest={newest}
        see={(version) => setPair({ from: version - 1, to: version })}
        bring={setBack}
      />
      <Modal opened={back !== null} onClose={() => setBack(null)} title={`Bring back version ${back ?? ""} of ${of}?`}>
        <Stack gap="sm">
          <p>
            What it said becomes version {newest + 1}. Nothing is lost, and runs that have begun keep what they began
            with.
          </p>
          <Group gap="xs" justify="flex-end">
            <Button variant="default" onClick={() => setBack(null)}>
              Not now
            </Button>
            <Button
              data-autofocus
              loading={reverting}
              onClick={() => {
                if (back !== null) revert(back);
                setBack(null);
                setPair(null);
              }}
            >
              Bring it back
            </Button>
          </Group>
        </Stack>
      </Modal>
    </section>
  );
}

interface ListProps {
  versions: Version[];
  newest: number;
  see: (version: number) => void;
  bring: (version: number) => void;
}

function List({ versions, newest, see, bring }: ListProps) {
  const now = useNow(30);
  return (
    <ol className={styles.list}>
      {versions.map(({ version, at, who }) => (
        <li key={version} className={styles.version}>
          <b>Version {version}</b>
          {version === newest && <Tag tone="accent">in use</Tag>}
          <span className={styles.who}>
            {who && `${who} · `}
            <time dateTime={at} title={clock(at)}>
              {ago(at, now)}
            </time>
          </span>
          <span className={styles.acts}>
            {version > 1 && (
              <Button size="compact-xs" variant="default" onClick={() => see(version)}>
                What it changed<span className="wf-hidden">: version {version}</span>
              </Button>
            )}
            {version !== newest && (
              <Button size="compact-xs" variant="default" onClick={() => bring(version)}>
                Bring back<span className="wf-hidden"> version {version}</span>
              </Button>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
