import { NativeSelect, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { useState } from "react";
import { clock } from "../clock/words";
import { keepLook, type Look, look } from "../theme/look";
import styles from "./Settings.module.css";

const LANGUAGES = ["en-GB", "en-US", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "ja"];
const NAMES = new Intl.DisplayNames("en", { type: "language" });
const SAMPLE = "2026-12-31T15:04:00Z";

/** How the page looks in this browser; other browsers of yours keep their own. */
export default function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [worn, setWorn] = useState(look);
  const set = (fields: Partial<Look>) => {
    const next = { ...worn, ...fields };
    keepLook(next);
    setWorn(next);
  };
  return (
    <div className={styles.section}>
      <h1 className={styles.title}>Appearance</h1>
      <p className={styles.lead}>Of this browser alone. It holds at once, and is changed back the same way.</p>
      <Choice
        label="Colours"
        value={colorScheme}
        data={[
          { value: "auto", label: "As the system" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
        change={(value) => setColorScheme(value as typeof colorScheme)}
      />
      <Choice
        label="Density"
        value={worn.density}
        data={[
          { value: "dense", label: "Dense" },
          { value: "roomy", label: "Roomy" },
        ]}
        change={(value) => set({ density: value as Look["density"] })}
      />
      <Choice
        label="Motion"
        value={worn.motion}
        data={[
          { value: "system", label: "As the system" },
          { value: "still", label: "Reduced" },
        ]}
        change={(value) => set({ motion: value as Look["motion"] })}
      />
      <div className={styles.row}>
        <NativeSelect
          label="Dates"
          description={`As in: ${clock(SAMPLE)}`}
          maw={280}
          data={[
            { value: "", label: "As this browser writes them" },
            ...LANGUAGES.map((value) => ({ value, label: NAMES.of(value) ?? value })),
          ]}
          value={worn.dates}
          onChange={(event) => set({ dates: event.currentTarget.value })}
        />
      </div>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  data: { value: string; label: string }[];
  change: (value: string) => void;
}

function Choice({ label, value, data, change }: ChoiceProps) {
  return (
    <div className={styles.row}>
      <span className={styles.name}>{label}</span>
      <div>
        <SegmentedControl aria-label={label} size="xs" value={value} data={data} onChange={change} />
      </div>
    </div>
  );
}
