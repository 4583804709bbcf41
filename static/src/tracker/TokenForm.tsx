import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type ReactNode, type SyntheticEvent, useState } from "react";
import type { Tracker } from "../api/types";
import { Linked } from "./Linked";
import styles from "./Tracker.module.css";

interface Props {
  tracker: Tracker;
  /** Of one that there is only the token is asked for. */
  named: boolean;
  pending: boolean;
  send: (typed: { label: string; token: string }) => void;
  cancel?: (() => void) | undefined;
  /** What was refused. */
  children?: ReactNode;
}

/** A token: written, tested, and never shown again. It stays in this field and nowhere else in the browser. */
export function TokenForm({ tracker, named, pending, send, cancel, children }: Props) {
  const [label, setLabel] = useState("mine");
  const [token, setToken] = useState("");
  const whole = token.trim() !== "" && (!named || label.trim() !== "");
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (whole && !pending) send({ label: label.trim(), token: token.trim() });
  };
  return (
    <form onSubmit={submit} className={styles.form} aria-label={named ? `Sign in to ${tracker.title}` : "A new token"}>
      <p className={styles.hint}>
        <Linked>{tracker.sign_in}</Linked>
      </p>
      <div className={styles.fields}>
        <PasswordInput
          label="Token"
          description="Tested now, kept encrypted, never shown again."
          autoComplete="off"
          data-autofocus
          required
          maxLength={10_000}
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        {named && (
          <TextInput
            label="Its name here"
            description="Where you have more than one."
            required
            maxLength={200}
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value.replace("/", ""))}
          />
        )}
      </div>
      {children}
      <p className={styles.acts}>
        <Button type="submit" disabled={!whole} loading={pending}>
          {named ? "Sign in" : "Test and store it"}
        </Button>
        {cancel && (
          <Button variant="subtle" onClick={cancel}>
            Cancel
          </Button>
        )}
      </p>
    </form>
  );
}
