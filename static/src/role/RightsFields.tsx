import { Switch } from "@mantine/core";
import type { Role } from "../api/types";
import styles from "./Roles.module.css";

type Settings = Role["settings"];

const RIGHTS: { name: keyof Settings["rights"]; label: string; hint: string }[] = [
  {
    name: "create_tasks",
    label: "May create tasks",
    hint: "Subtasks of what it works on. They rest in the backlog until you start them.",
  },
  { name: "create_bugs", label: "May report bugs", hint: "Bugs of the project. You decide on each." },
];

/** What the role may put into the hub besides its own work. */
export function RightsFields({ settings, change }: { settings: Settings; change: (settings: Settings) => void }) {
  return (
    <fieldset className={styles.group}>
      <legend>Rights</legend>
      <div className={styles.fields}>
        {RIGHTS.map(({ name, label, hint }) => (
          <Switch
            key={name}
            size="sm"
            label={label}
            description={hint}
            checked={settings.rights[name]}
            onChange={(event) =>
              change({ ...settings, rights: { ...settings.rights, [name]: event.currentTarget.checked } })
            }
          />
        ))}
      </div>
    </fieldset>
  );
}
