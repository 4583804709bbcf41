import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { go } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { useNewRole } from "./queries";

export function NewRole({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Modal opened={opened} onClose={close} title="A role of your own" size={520}>
      <Form close={close} />
    </Modal>
  );
}

function Form({ close }: { close: () => void }) {
  const [name, setName] = useState("");
  const [title, setTitle] = useState("");
  const [prompt, setPrompt] = useState("");
  const make = useNewRole();
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    make.mutate(
      { name: name.trim(), title: title.trim(), prompt: prompt.trim() },
      {
        onSuccess: (role) => {
          close();
          go({ view: "roles", role: role.name });
        },
      },
    );
  };
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="A workflow of yours names it in its stages: small letters, digits, - and _"
          placeholder="reviewer"
          pattern="[a-z][a-z0-9_\-]{0,40}"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Title"
          placeholder="REVIEW"
          maxLength={60}
          required
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Textarea
          label="Prompt"
          placeholder="You review a change as its next maintainer would."
          autosize
          minRows={3}
          maxRows={12}
          maxLength={20_000}
          required
          value={prompt}
          onChange={(event) => setPrompt(event.currentTarget.value)}
        />
        {make.isError && <ProblemNote error={make.error} />}
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending} disabled={!name.trim() || !title.trim() || !prompt.trim()}>
            Make the role
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
