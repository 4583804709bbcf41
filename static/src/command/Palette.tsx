import "@mantine/spotlight/styles.layer.css";
import { createSpotlight, Spotlight, type SpotlightActionGroupData } from "@mantine/spotlight";
import { useEffect, useState } from "react";
import { go } from "../place/usePlace";
import { useProjects } from "../project/queries";
import { Key } from "../tag/Key";
import styles from "./Palette.module.css";
import { useFound } from "./queries";
import { useCommands } from "./useCommand";
import { keysWords, matches, PALETTE_KEYS } from "./words";

const [store, spotlight] = createSpotlight();

/** One field for all: what there is to do here, projects, and tasks by their words. */
export default function Palette({ close }: { close: () => void }) {
  const [query, setQuery] = useState("");
  useEffect(() => spotlight.open(), []);
  const actions = [...useActions(query), ...useTasks(query)];
  return (
    <Spotlight
      store={store}
      shortcut={null}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={close}
      filter={(_query, all) => all}
      actions={actions}
      nothingFound={query.trim() ? "Nothing is called so." : "Nothing to do here."}
      scrollable
      maxHeight={420}
      centered={false}
      overlayProps={{ blur: 0 }}
      transitionProps={{ duration: 0 }}
      attributes={{ content: { "aria-label": "Search or command" } }}
      searchProps={{ placeholder: "Search or command", "aria-label": "Search or command" }}
      classNames={{ action: styles.action ?? "", actionLabel: styles.label ?? "" }}
    />
  );
}

function useActions(query: string): SpotlightActionGroupData[] {
  const commands = useCommands()
    .filter((command) => command.keys !== PALETTE_KEYS)
    .filter((command) => matches(`${command.group} ${command.words}`, query));
  const projects = (useProjects().data ?? []).filter((project) => matches(`project ${project.name}`, query));
  const groups = [...new Set(commands.map((command) => command.group))].reverse();
  const told = groups.map((group) => ({
    group,
    actions: commands
      .filter((command) => command.group === group)
      .map((command) => ({
        id: `${group} ${command.words}`,
        label: command.words,
        onClick: command.run,
        rightSection: command.keys ? <Key>{keysWords(command.keys)}</Key> : undefined,
      })),
  }));
  if (projects.length === 0) return told;
  const places = projects.map((project) => ({
    id: `project ${project.id}`,
    label: project.name,
    onClick: () => go({ project: project.id, view: "board" as const, task: null, plan: null }),
  }));
  return [...told, { group: "Projects", actions: places }];
}

function useTasks(query: string): SpotlightActionGroupData[] {
  const hits = useFound(query);
  if (hits.length === 0) return [];
  const actions = hits.map((hit) => ({
    id: `task ${hit.task_id}`,
    label: `${hit.key}  ${hit.title}`,
    onClick: () => go({ task: hit.task_id }),
  }));
  return [{ group: "Tasks", actions }];
}
