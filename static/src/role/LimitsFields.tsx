import { NumberInput } from "@mantine/core";
import type { Role } from "../api/types";
import styles from "./Roles.module.css";

type Settings = Role["settings"];
type Limit = keyof Settings["limits"];

const LIMITS: { name: Limit; label: string; hint: string; most: number }[] = [
  { name: "run_seconds", label: "Seconds of a step", hint: "then it is ended", most: 86_400 },
  { name: "stall_seconds", label: "Seconds without progress", hint: "then it counts as stalled", most: 86_400 },
  { name: "model_turns", label: "Turns with the model", hint: "questions in a step", most: 1_000 },
  { name: "model_tokens", label: "Tokens", hint: "prompts and answers together", most: 100_000_000 },
];

/** What bounds each step in which the role asks a model. */
export function LimitsFields({ settings, change }: { settings: Settings; change: (settings: Settings) => void }) {
  const limits = settings.limits;
  return (
    <fieldset className={styles.group}>
      <legend>Limits of a step</legend>
      <p className={styles.hint}>Left empty, the stage or the hub says.</p>
      <div className={styles.fields}>
        {LIMITS.map(({ name, label, hint, most }) => (
          <NumberInput
            key={name}
            label={label}
            description={hint}
            placeholder="as the stage says"
            min={1}
            max={most}
            allowDecimal={false}
            thousandSeparator=" "
            value={limits[name] ?? ""}
            onChange={(value) =>
              change({ ...settings, limits: { ...limits, [name]: typeof value === "number" ? value : null } })
            }
          />
        ))}
      </div>
    </fieldset>
  );
}
