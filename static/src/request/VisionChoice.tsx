import { Select } from "@mantine/core";
import { keepVision } from "./vision";

interface Props {
  allowed: string[];
  chosen: string | null;
  choose: (model: string | null) => void;
}

/** Who tells agents without eyes what the pictures show. The choice is kept for the next request. */
export default function VisionChoice({ allowed, chosen, choose }: Props) {
  if (allowed.length === 0) return null;
  return (
    <Select
      size="xs"
      aria-label="Who describes the pictures"
      title="Who describes the pictures to agents that see none"
      data={allowed.map((model, place) => ({ value: model, label: place === 0 ? `${model} (usual)` : model }))}
      value={chosen ?? allowed[0] ?? null}
      allowDeselect={false}
      onChange={(model) => {
        const other = model === allowed[0] ? null : model;
        keepVision(other);
        choose(other);
      }}
    />
  );
}
