import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ModelHere } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { useRemoveModel, useRoleModels } from "./queries";
import { sizeWords } from "./words";

/** Says first what it does, and who uses the model. */
export function RemoveModel({ model, close }: { model: ModelHere; close: () => void }) {
  const remove = useRemoveModel();
  const roles = useRoleModels(null);
  const users = roles.data?.filter((role) => role.models.some((one) => one.model === model.name)) ?? [];
  const done = () => {
    close();
    tellDone(`${model.name} is removed.`);
  };
  return (
    <Modal opened onClose={close} title={`Remove ${model.name}?`}>
      <Stack gap="sm">
        <p>
          It is taken off the disk, {sizeWords(model.bytes)}. To have it again it has to be fetched anew.
          {users.length > 0 &&
            ` It is chosen for ${users.map((role) => role.title).join(", ")}: their runs will fail, or use the next model of their order.`}
        </p>
        {remove.isError && <ProblemNote error={remove.error} />}
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Keep it
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate(model.name, { onSuccess: done })}>
            Remove it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
