import { Button, Group, Skeleton, Switch, Textarea, TextInput } from "@mantine/core";
import { type SyntheticEvent, useSyncExternalStore } from "react";
import type { NoticeSettings } from "../api/types";
import { Meanwhile } from "../draft/Meanwhile";
import { useBegun } from "../draft/useBegun";
import { ProblemNote } from "../problem/ProblemNote";
import { tellUndo } from "../settings/tellUndo";
import { meansOf } from "./means";
import styles from "./Notify.module.css";
import { useNoticeEdit, useNoticeSettings, useNoticeTest } from "./queries";
import { rings } from "./wanted";

const BACK = "As it was before. A secret that was replaced does not come back.";

/** How the person hears of what waits while they look elsewhere. */
export function NotifyParts() {
  const settings = useNoticeSettings();
  return (
    <div className={styles.parts}>
      <Desktop />
      {settings.isPending && <Skeleton height={180} radius={8} />}
      {settings.isError && <ProblemNote error={settings.error} again={() => void settings.refetch()} />}
      {settings.data && <Away settings={settings.data} />}
    </div>
  );
}

function Desktop() {
  const on = useSyncExternalStore(rings.listen, rings.wanted);
  const denied = useSyncExternalStore(rings.listen, rings.denied);
  const why = !rings.can()
    ? "This browser has none; the webhook below works without it."
    : denied
      ? "This browser was told never to show them for this page: change that in its settings for this site."
      : "One for each new item, while you look elsewhere. A click leads to it.";
  return (
    <Switch
      checked={on}
      onChange={(event) => void rings.turn(event.currentTarget.checked)}
      disabled={!rings.can() || denied}
      label="Show what is new on this desktop"
      description={why}
    />
  );
}

function Away({ settings }: { settings: NoticeSettings }) {
  const edit = useNoticeEdit();
  const form = useBegun(
    { url: settings.webhook_url, secret: "", command: settings.command.join("\n") },
    edit.isPending,
  );
  const { url, secret, command } = form.values;
  const undo = useNoticeEdit();
  const test = useNoticeTest();
  const argv = command.split("\n").filter((line) => line !== "");
  const changes = {
    ...(url.trim() !== settings.webhook_url && { webhook_url: url.trim() }),
    ...(secret.trim() && { secret: secret.trim() }),
    ...(argv.join("\n") !== settings.command.join("\n") && { command: argv }),
  };
  const changed = Object.keys(changes).length > 0;
  const save = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!changed || form.overtaken) return;
    edit.mutateAsync({ version: settings.version, ...changes }).then(
      ({ version }) => {
        form.saved();
        tellUndo("Notifications: saved.", () => back(version), BACK);
      },
      () => undefined, // shown below, where it stands
    );
  };
  const back = (version: number) => {
    const { webhook_url, command: before } = settings;
    return undo.mutateAsync({ version, webhook_url, command: before });
  };
  return (
    <form className={styles.parts} onSubmit={save}>
      <TextInput
        label="Webhook"
        description="Called with each new item, so that a phone can ring. Your own machines may be named; redirects are not followed."
        placeholder="https://phone.example/ring"
        value={url}
        onChange={(event) => form.put({ ...form.values, url: event.currentTarget.value })}
      />
      <div className={styles.secret}>
        <TextInput
          label="Its secret"
          description={
            settings.has_secret
              ? "There is one, and calls are signed with it. It is never shown again; write another to replace it."
              : "With one, each call is signed (Standard Webhooks). It is shown now and never again: copy it."
          }
          placeholder={settings.has_secret ? "••••••••" : "none"}
          autoComplete="off"
          value={secret}
          onChange={(event) => form.put({ ...form.values, secret: event.currentTarget.value })}
        />
        <Button variant="default" onClick={() => form.put({ ...form.values, secret: freshSecret() })}>
          Make one
        </Button>
      </div>
      <Textarea
        label="Or a command on the hub's machine"
        description="One argument a line, the program's whole path first. It gets the item as JSON on its standard input."
        placeholder={"/usr/local/bin/ring\n--loud"}
        autosize
        minRows={2}
        maxRows={6}
        value={command}
        onChange={(event) => form.put({ ...form.values, command: event.currentTarget.value })}
      />
      {changed && (
        <ul className={styles.means} aria-label="What it means">
          {meansOf(changes).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {edit.isError && !form.overtaken && <ProblemNote error={edit.error} />}
      {form.overtaken && (
        <Meanwhile mine={form.mine} theirs={form.drop}>
          It was changed meanwhile. Now: <b>{settings.webhook_url || "no webhook"}</b>, and{" "}
          <b>{settings.command[0] ?? "no command"}</b>. Yours above is not saved.
        </Meanwhile>
      )}
      {test.isError && <ProblemNote error={test.error} />}
      {test.data && (
        <ul className={styles.told} role="status">
          {test.data.map(({ channel, done, sentence, milliseconds }) => (
            <li key={channel} data-done={done}>
              {sentence} ({Math.round(milliseconds)} ms)
            </li>
          ))}
        </ul>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={() => test.mutate()} loading={test.isPending} disabled={changed}>
          Test it
        </Button>
        <Button type="submit" disabled={!changed || form.overtaken} loading={edit.isPending}>
          Keep
        </Button>
      </Group>
    </form>
  );
}

function freshSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}
