import { Button, Group, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { type SyntheticEvent, useEffect, useEffectEvent, useState } from "react";
import { Problem } from "../api/problem";
import type { Preview } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { CloneProgress } from "./CloneProgress";
import { folderFor, nameIn } from "./found";
import { useClone, useClones, usePreview } from "./places";

type Source = "folder" | "git" | "empty";

const SOURCES: { value: Source; label: string }[] = [
  { value: "folder", label: "A folder" },
  { value: "git", label: "A git address" },
  { value: "empty", label: "Nothing yet" },
];

/** Where a person says that it lies. */
export interface Place {
  source: Source;
  path: string;
  url: string;
  branch: string;
  name: string;
}

export const NOWHERE: Place = { source: "folder", path: "", url: "", branch: "", name: "" };

interface Props {
  /** Kept outside: the step after this one leads back to it. */
  place: Place;
  setPlace: (place: Place) => void;
  close: () => void;
  next: (preview: Preview, url: string, name: string) => void;
}

/** Where the project lies. A clone that was begun goes on while the dialog is closed, and is found again here. */
export function PlaceStep({ place, setPlace, close, next }: Props) {
  const clones = useClones();
  const { source, path, url, branch, name } = place;
  const set = (some: Partial<Place>) => setPlace({ ...place, ...some });
  const [begun, setBegun] = useState<number | null>(null);
  const begin = useClone();
  const look = usePreview();
  const running = clones.data?.find((one) => one.state === "running");
  if (begun === null && running) setBegun(running.id);
  const mine = clones.data?.find((one) => one.id === begun);
  const see = (folder: string, from: string, called: string) =>
    look.mutate(folder, { onSuccess: (preview) => next(preview, from, called) });
  const arrived = useEffectEvent(() => mine && see(mine.workspace_path, mine.url, nameIn(mine.url)));
  const state = mine?.state;
  useEffect(() => {
    if (state === "done") arrived();
  }, [state]);
  const folder = source === "empty" ? folderFor(name) : path.trim();
  const ready = source === "git" ? url.trim() !== "" : folder !== "";
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready || running) return;
    if (source === "folder") see(folder, "", nameIn(folder));
    if (source === "empty") see(folder, "", name.trim());
    if (source !== "git") return;
    const more = {
      ...(path.trim() && { workspace_path: path.trim() }),
      ...(branch.trim() && { branch: branch.trim() }),
    };
    begin.mutate({ url: url.trim(), ...more }, { onSuccess: ({ id }) => setBegun(id) });
  };
  const fault = mine?.fault && new Problem(0, mine.fault.code, mine.fault.sentence, mine.fault.way_out);
  const shown = running ?? (state === "done" ? mine : undefined);
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <SegmentedControl
          aria-label="Made of"
          data={SOURCES}
          value={running ? "git" : source}
          disabled={running !== undefined}
          onChange={(value) => {
            set({ source: value });
            look.reset();
          }}
        />
        {shown ? (
          <>
            <p>{shown.url}</p>
            <CloneProgress clone={shown} />
          </>
        ) : (
          <>
            {source === "folder" && (
              <TextInput
                label="Folder of the workspace"
                description="An absolute path, or a name under the hub's workspaces. One that is missing or has no git is made ready."
                placeholder="till-register"
                maxLength={4_000}
                data-autofocus
                required
                value={path}
                onChange={(event) => set({ path: event.currentTarget.value })}
              />
            )}
            {source === "git" && (
              <>
                <TextInput
                  label="Address of the repository"
                  description="https, ssh or file. Your own git's credentials are used; a hub in containers has none."
                  placeholder="https://git.example/till.git"
                  maxLength={2_000}
                  required
                  value={url}
                  onChange={(event) => set({ url: event.currentTarget.value })}
                />
                <Group grow align="start" gap="sm">
                  <TextInput
                    label="Folder"
                    placeholder={nameIn(url) || "Its own name"}
                    maxLength={4_000}
                    value={path}
                    onChange={(event) => set({ path: event.currentTarget.value })}
                  />
                  <TextInput
                    label="Branch"
                    placeholder="Its default"
                    maxLength={240}
                    value={branch}
                    onChange={(event) => set({ branch: event.currentTarget.value })}
                  />
                </Group>
              </>
            )}
            {source === "empty" && (
              <TextInput
                label="Name"
                description={
                  folder
                    ? `It lies in the folder ${folder} under the hub's workspaces.`
                    : "Of the project; its folder is called alike."
                }
                placeholder="Till register"
                maxLength={120}
                required
                value={name}
                onChange={(event) => set({ name: event.currentTarget.value })}
              />
            )}
          </>
        )}
        {state === "cancelled" && !running && <p role="status">The clone was cancelled; nothing of it is left.</p>}
        {fault && !running && <ProblemNote error={fault} />}
        {begin.isError && <ProblemNote error={begin.error} />}
        {look.isError && <ProblemNote error={look.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {running ? "Let it go on" : "Cancel"}
          </Button>
          {!running && (
            <Button type="submit" loading={look.isPending || begin.isPending} disabled={!ready}>
              {source === "git" ? "Clone it" : "Look at it"}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
