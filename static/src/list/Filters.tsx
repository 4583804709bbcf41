import { Button, Select, type SelectProps, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { type ReactNode, useState } from "react";
import { go, usePlace } from "../place/usePlace";
import styles from "../theme/Page.module.css";

const TYPING_MS = 300;

/** Puts one of the list's filters into the address; null takes it out. */
function useSet() {
  const { asked } = usePlace();
  return (name: string, value: string | null) => go({ asked: { ...asked, [name]: value ?? "" } }, "replace");
}

interface FiltersProps {
  /** What they are for: "Which runs". */
  label: string;
  /** The words that take all of them away: "All runs". */
  all: string;
  /** The one that is typed, by its name in the address. */
  typed: { name: string; label: string; placeholder: string; longest: number };
  children: ReactNode;
}

/** What of a list is shown: each choice is a part of the address. */
export function Filters({ label, all, typed: field, children }: FiltersProps) {
  const { asked } = usePlace();
  const set = useSet();
  const [words, setWords] = useState<string | null>(null); // null: what the address says
  const settle = useDebouncedCallback((settled: string) => {
    set(field.name, settled);
    setWords(null);
  }, TYPING_MS);
  const clear = () => {
    settle.cancel();
    setWords(null);
    go({ asked: {} }, "replace");
  };
  return (
    <div className={styles.filters} role="group" aria-label={label}>
      <TextInput
        size="xs"
        aria-label={field.label}
        placeholder={field.placeholder}
        maxLength={field.longest}
        value={words ?? asked[field.name] ?? ""}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          settle(event.currentTarget.value);
        }}
      />
      {children}
      {(words || Object.values(asked).some(Boolean)) && (
        <Button size="xs" variant="subtle" onClick={clear}>
          {all}
        </Button>
      )}
    </div>
  );
}

interface ChoiceProps extends Pick<SelectProps, "data" | "searchable"> {
  /** In the address. */
  name: string;
  label: string;
  /** Said where nothing is chosen: "Any state". */
  any: string;
  value: string | null;
}

/** One filter that is chosen. */
export function FilterChoice({ name, label, any, ...rest }: ChoiceProps) {
  const set = useSet();
  return (
    <Select size="xs" aria-label={label} placeholder={any} clearable onChange={(value) => set(name, value)} {...rest} />
  );
}
