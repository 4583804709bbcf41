import { Autocomplete, NumberInput, Switch } from "@mantine/core";
import type { Setting } from "../api/types";
import { useModelNames } from "../role/queries";
import type { Value } from "./queries";
import { SETTINGS } from "./words";

interface Props {
  setting: Setting;
  value: Value;
  change: (value: Value) => void;
}

/** What fits the setting: a switch, an amount, or a model's name. */
export function SettingInput({ setting: { name, variable, environment }, value, change }: Props) {
  const { label, hint } = SETTINGS[name];
  const names = useModelNames();
  const told = { label, description: hint };
  if (typeof value === "boolean") {
    const held = name === "offline" && environment === true;
    return (
      <Switch
        {...told}
        description={held ? `The hub was started offline (${variable}=1): start it without to go online.` : hint}
        checked={value}
        disabled={held}
        onChange={(event) => change(event.currentTarget.checked)}
      />
    );
  }
  if (name.endsWith("_usd"))
    return (
      <NumberInput
        {...told}
        size="sm"
        maw={280}
        prefix="$"
        min={0}
        max={1e12}
        decimalScale={4}
        placeholder="no limit"
        value={typeof value === "number" ? value : ""}
        onChange={(next) => change(next === "" ? null : Number(next))}
      />
    );
  return (
    <Autocomplete
      {...told}
      size="sm"
      maw={420}
      maxLength={200}
      placeholder={name === "vision_model" ? "the first of VISION_MODELS" : "ollama/qwen2.5-coder:1.5b"}
      data={names.data ?? []}
      value={typeof value === "string" ? value : ""}
      onChange={(next) => change(next.trim() === "" && name === "vision_model" ? null : next.trim())}
    />
  );
}
