import { Button, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./Models.module.css";
import { useAskForJob } from "./queries";

/** A model fetched by its name. */
export function FetchBox({ provider, offline }: { provider: string; offline: boolean }) {
  const [name, setName] = useState("");
  const ask = useAskForJob();
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    const own = name.trim().replace(new RegExp(`^${provider}/`), "");
    ask.mutate({ kind: "pull", model: `${provider}/${own}` }, { onSuccess: () => setName("") });
  };
  return (
    <form className={styles.fetch} onSubmit={onSubmit}>
      <TextInput
        size="xs"
        label="Fetch a model"
        placeholder="qwen2.5-coder:1.5b"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        disabled={offline}
        maxLength={190}
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
      />
      <Button type="submit" size="xs" variant="default" loading={ask.isPending} disabled={offline || !name.trim()}>
        Fetch
      </Button>
      {ask.isError && <ProblemNote error={ask.error} />}
    </form>
  );
}
