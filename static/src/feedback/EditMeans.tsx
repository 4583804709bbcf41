import { Button, Modal } from "@mantine/core";
import type { EditForeseenIn } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { useForeseen } from "./queries";
import styles from "./Feedback.module.css";

interface Props {
  taskId: number;
  /** The edit that nobody has made yet. */
  changes: EditForeseenIn;
  onSave: () => void;
  onCancel: () => void;
}

/** What an edit of a task in flight brings about, before it is made. */
export default function EditMeans({ taskId, changes, onSave, onCancel }: Props) {
  const foreseen = useForeseen(taskId, changes);
  return (
    <Modal opened onClose={onCancel} title="What this means" centered size="md">
      {foreseen.isError && <ProblemNote error={foreseen.error} again={() => void foreseen.refetch()} />}
      <ul className={styles.means} aria-busy={foreseen.isPending}>
        {foreseen.data?.sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <div className={styles.acts}>
        <Button size="sm" variant="default" onClick={onCancel}>
          Leave it as it was
        </Button>
        <Button size="sm" data-autofocus onClick={onSave} disabled={foreseen.isPending}>
          Save it
        </Button>
      </div>
    </Modal>
  );
}
