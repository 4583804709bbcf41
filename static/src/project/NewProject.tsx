import { Modal, Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";

const NewProjectForm = lazy(() => import("./NewProjectForm"));

export function NewProject({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Modal opened={opened} onClose={close} title="New project">
      <Suspense fallback={<Skeleton height={200} radius={8} />}>
        <NewProjectForm close={close} />
      </Suspense>
    </Modal>
  );
}
