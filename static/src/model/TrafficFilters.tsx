import { Button, Select, TextInput } from "@mantine/core";
import { useRoles } from "../role/queries";
import page from "../list/Page.module.css";
import { go, usePlace } from "../place/usePlace";
import { type CallFilter, OUTCOMES } from "./filter";
import { useModelsThere } from "./queries";
import { outcomeOf } from "./words";

/** Each choice is a part of the address. */
export function TrafficFilters({ filter }: { filter: CallFilter }) {
  const { asked } = usePlace();
  const roles = useRoles().data ?? [];
  const there = useModelsThere(null).data?.providers.flatMap(({ models }) => models.map(({ name }) => name)) ?? [];
  const names = [...new Set([...there, ...(filter.model === null ? [] : [filter.model])])];
  const set = (name: string) => (value: string | null) => go({ asked: { ...asked, [name]: value ?? "" } }, "replace");
  return (
    <div className={page.filters} role="group" aria-label="Which calls">
      <Select
        size="xs"
        aria-label="Model"
        placeholder="Any model"
        clearable
        searchable
        data={names}
        value={filter.model}
        onChange={set("model")}
      />
      <Select
        size="xs"
        aria-label="Role"
        placeholder="Any role"
        clearable
        data={roles.map(({ name, title }) => ({ value: name, label: title }))}
        value={filter.role}
        onChange={set("role")}
      />
      <Select
        size="xs"
        aria-label="Outcome"
        placeholder="Any outcome"
        clearable
        data={OUTCOMES.map((value) => ({ value, label: outcomeOf(value)[0] }))}
        value={filter.outcome}
        onChange={set("outcome")}
      />
      <Select
        size="xs"
        aria-label="Who asked"
        placeholder="Anybody"
        clearable
        data={[
          { value: "run", label: "runs" },
          { value: "owner", label: "your tools" },
        ]}
        value={filter.by}
        onChange={set("by")}
      />
      <TextInput
        size="xs"
        aria-label="Run"
        placeholder="A run's id"
        value={filter.run_id ?? ""}
        onChange={(event) => set("run_id")(event.currentTarget.value)}
        maxLength={100}
      />
      {Object.values(asked).some(Boolean) && (
        <Button size="xs" variant="subtle" onClick={() => go({ asked: {} }, "replace")}>
          All calls
        </Button>
      )}
    </div>
  );
}
