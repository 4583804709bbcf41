import { MultiSelect, Select } from "@mantine/core";
import { useState } from "react";
import { FilterChoice, Filters } from "../list/Filters";
import page from "../theme/Page.module.css";
import { go, usePlace } from "../place/usePlace";
import { useModelNames, useRoles } from "../role/queries";
import { NONE, readRunFilter, RUN_STATES, type Span, SPANS, sinceOf, spanOf } from "./filter";
import { useWorkflows } from "../workflow/queries";
import { runState } from "./words";

const SPAN_WORDS: Record<Span, string> = { day: "the last day", week: "the last week", month: "the last 30 days" };

/** Each choice is a part of the address. */
export function RunFilters() {
  const { asked } = usePlace();
  const filter = readRunFilter(asked);
  const [now] = useState(Date.now);
  const roles = useRoles().data ?? [];
  const models = useModelNames().data ?? [];
  // nobody works at a workflow's first and last stage; requests are planned at one of their own
  const stages = ["plan", ...(useWorkflows().data ?? []).flatMap((one) => one.stages.slice(1, -1))];
  const known = (names: string[], chosen: string | null) => [
    ...new Set([...names, ...(chosen === null ? [] : [chosen])]),
  ];
  const span = spanOf(filter.since, now);
  return (
    <Filters
      label="Which runs"
      all="All runs"
      typed={{ name: "text", label: "Task", placeholder: "Task", longest: 200 }}
    >
      <MultiSelect
        size="xs"
        aria-label="State"
        placeholder={filter.state.length === 0 ? "Any state" : ""}
        clearable
        data={RUN_STATES.map((value) => ({ value, label: runState(value)[0] }))}
        value={filter.state}
        onChange={(states) => go({ asked: { ...asked, state: states.join(",") } }, "replace")}
      />
      <FilterChoice
        name="stage"
        label="Stage"
        any="Any stage"
        data={known(stages, filter.stage)}
        value={filter.stage}
      />
      <FilterChoice
        name="role"
        label="Role"
        any="Any role"
        data={[
          ...roles.map(({ name, title }) => ({ value: name, label: title })),
          { value: NONE, label: "Without a role" },
        ]}
        value={filter.role}
      />
      <FilterChoice
        name="model"
        label="Model"
        any="Any model"
        searchable
        data={[
          ...known(models, filter.model === NONE ? null : filter.model).map((value) => ({ value, label: value })),
          { value: NONE, label: "Without a model" },
        ]}
        value={filter.model}
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
    </Filters>
  );
}
