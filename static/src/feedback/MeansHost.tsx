import { useSyncExternalStore } from "react";
import EditMeans from "./EditMeans";
import { onAsked, whatIsAsked } from "./means";

/** Where an edit's meaning is asked about, once for the panel. */
export default function MeansHost() {
  const asked = useSyncExternalStore(onAsked, whatIsAsked);
  if (asked === null) return null;
  return (
    <EditMeans
      taskId={asked.taskId}
      changes={asked.changes}
      onSave={() => asked.answer(true)}
      onCancel={() => asked.answer(false)}
    />
  );
}
