import { Checkbox, NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import type { Provider } from "../api/types";
import type { Draft, Protocol } from "./provider";
import styles from "./Settings.module.css";

interface Props {
  kind: Provider["kind"] | "new";
  draft: Draft;
  change: (draft: Draft) => void;
  hasKey?: boolean;
  fixed?: boolean;
}

const PROTOCOLS: { value: Protocol; label: string }[] = [
  { value: "openai", label: "OpenAI's (llama.cpp, vLLM, most others)" },
  { value: "ollama", label: "Ollama's" },
  { value: "anthropic", label: "Anthropic's" },
];

export function ProviderFields({ kind, draft, change, hasKey = false, fixed = false }: Props) {
  const set = (fields: Partial<Draft>) => change({ ...draft, ...fields });
  const own = kind === "named" || kind === "new";
  return (
    <>
      <div className={styles.fields}>
        {kind === "new" && (
          <TextInput
            label="Name"
            description="Models are then called lab/its-model."
            placeholder="lab"
            required
            maxLength={32}
            data-autofocus
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value.toLowerCase() })}
          />
        )}
        <TextInput
          label="Address"
          description={
            kind === "ollama" ? "Without /v1." : fixed ? "Fixed by the vendor." : "The root of its protocol."
          }
          placeholder={kind === "ollama" ? "http://127.0.0.1:11434" : "http://10.0.0.7:8080/v1"}
          required
          disabled={fixed}
          maxLength={500}
          value={draft.url}
          onChange={(event) => set({ url: event.currentTarget.value })}
        />
        {own && (
          <NativeSelect
            label="Protocol"
            description="How it is spoken to."
            data={PROTOCOLS}
            value={draft.protocol}
            onChange={(event) => set({ protocol: event.currentTarget.value as Protocol })}
          />
        )}
        {kind !== "ollama" && (
          <PasswordInput
            label="Key"
            description={
              hasKey
                ? "One is kept and never shown. Write another to replace it."
                : "Kept encrypted, never shown again."
            }
            placeholder={hasKey ? "••••••••" : "none"}
            autoComplete="off"
            maxLength={4_000}
            value={draft.key}
            onChange={(event) => set({ key: event.currentTarget.value })}
          />
        )}
      </div>
      {own && (
        <Checkbox
          label="It is on my own machines"
          description="Then it costs nothing, and is asked offline too."
          checked={draft.local}
          onChange={(event) => set({ local: event.currentTarget.checked })}
        />
      )}
    </>
  );
}
