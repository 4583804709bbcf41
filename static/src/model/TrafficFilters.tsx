import { useRoles } from "../role/queries";
import { FilterChoice, Filters } from "../list/Filters";
import { type CallFilter, OUTCOMES } from "./filter";
import { useModelsThere } from "./queries";
import { outcomeOf } from "./words";

/** Each choice is a part of the address. */
export function TrafficFilters({ filter }: { filter: CallFilter }) {
  const roles = useRoles().data ?? [];
  const there = useModelsThere(null).data?.providers.flatMap(({ models }) => models.map(({ name }) => name)) ?? [];
  const names = [...new Set([...there, ...(filter.model === null ? [] : [filter.model])])];
  return (
    <Filters
      label="Which calls"
      all="All calls"
      typed={{ name: "run_id", label: "Run", placeholder: "A run's id", longest: 100 }}
    >
      <FilterChoice name="model" label="Model" any="Any model" searchable data={names} value={filter.model} />
      <FilterChoice
        name="role"
        label="Role"
        any="Any role"
        data={roles.map(({ name, title }) => ({ value: name, label: title }))}
        value={filter.role}
      />
      <FilterChoice
        name="outcome"
        label="Outcome"
        any="Any outcome"
        data={OUTCOMES.map((value) => ({ value, label: outcomeOf(value)[0] }))}
        value={filter.outcome}
      />
      <FilterChoice
        name="by"
        label="Who asked"
        any="Anybody"
        data={[
          { value: "run", label: "runs" },
          { value: "owner", label: "your tools" },
        ]}
        value={filter.by}
      />
    </Filters>
  );
}
