import { Button, MultiSelect, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import page from "../list/Page.module.css";
import { go, usePlace } from "../place/usePlace";
import { useModelNames, useRoles } from "../role/queries";
import { NONE, readRunFilter, RUN_STATES, type Span, SPANS, sinceOf, spanOf } from "./filter";
import { runState } from "./words";

const STAGES = ["plan", "dev", "qa", "sec", "docs", "deploy", "testing"];
const SPAN_WORDS: Record<Span, string> = { day: "the last day", week: "the last week", month: "the last 30 days" };
const TYPING_MS = 300;

/** Each choice is a part of the address. */
export function RunFilters() {
  const { asked } = usePlace();
  const filter = readRunFilter(asked);
  const [now] = useState(Date.now);
  const [text, setText] = useState(asked.text ?? "");
  const roles = useRoles().data ?? [];
  const models = useModelNames().data ?? [];
  const set = (name: string, value: string | null) => go({ asked: { ...asked, [name]: value ?? "" } }, "replace");
  const search = useDebouncedCallback((words: string) => set("text", words), TYPING_MS);
  const known = (names: string[], chosen: string | null) => [
    ...new Set([...names, ...(chosen === null ? [] : [chosen])]),
  ];
  const span = spanOf(filter.since, now);
  return (
    <div className={page.filters} role="group" aria-label="Which runs">
      <TextInput
        size="xs"
        aria-label="Task"
        placeholder="Task"
        value={text}
        maxLength={200}
        onChange={(event) => {
          setText(event.currentTarget.value);
          search(event.currentTarget.value);
        }}
      />
      <MultiSelect
        size="xs"
        aria-label="State"
        placeholder={filter.state.length === 0 ? "Any state" : ""}
        clearable
        data={RUN_STATES.map((value) => ({ value, label: runState(value)[0] }))}
        value={filter.state}
        onChange={(states) => set("state", states.join(","))}
      />
      <Select
        size="xs"
        aria-label="Stage"
        placeholder="Any stage"
        clearable
        data={known(STAGES, filter.stage)}
        value={filter.stage}
        onChange={(value) => set("stage", value)}
      />
      <Select
        size="xs"
        aria-label="Role"
        placeholder="Any role"
        clearable
        data={[
          ...roles.map(({ name, title }) => ({ value: name, label: title })),
          { value: NONE, label: "Without a role" },
        ]}
        value={filter.role}
        onChange={(value) => set("role", value)}
      />
      <Select
        size="xs"
        aria-label="Model"
        placeholder="Any model"
        clearable
        searchable
        data={[
          ...known(models, filter.model === NONE ? null : filter.model).map((value) => ({ value, label: value })),
          { value: NONE, label: "Without a model" },
        ]}
        value={filter.model}
        onChange={(value) => set("model", value)}
      />
      <Select
        size="xs"
        aria-label="Time"
        placeholder={filter.since === null && filter.until === null ? "At any time" : "As in the address"}
        clearable
        data={(Object.keys(SPANS) as Span[]).map((value) => ({ value, label: SPAN_WORDS[value] }))}
        value={span}
        onChange={(value) =>
          go({ asked: { ...asked, until: "", since: value === null ? "" : sinceOf(value, now) } }, "replace")
        }
      />
      {filter.started && <span className={page.facts}>only runs that an agent began</span>}
      {Object.values(asked).some(Boolean) && (
        <Button
          size="xs"
          variant="subtle"
          onClick={() => {
            setText("");
            go({ asked: {} }, "replace");
          }}
        >
          All runs
        </Button>
      )}
    </div>
  );
}
