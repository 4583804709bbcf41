import { useUnderWay } from "./queries";
import { RequestState } from "./RequestState";
import styles from "./RequestStrip.module.css";

/** The requests that are not tasks yet: what the PM does with them, and the plans that wait for a word. */
export function RequestStrip() {
  const open = useUnderWay();
  if (open.length === 0) return null;
  return (
    <ul className={styles.strip} aria-label="Requests under way" aria-live="polite">
      {open.map(({ request, plan }) => (
        <li key={request.id} className={styles.item} data-state={plan?.state === "waiting" ? "waiting" : request.state}>
          <p className={styles.text}>{request.text}</p>
          <RequestState request={request} plan={plan} />
        </li>
      ))}
    </ul>
  );
}
