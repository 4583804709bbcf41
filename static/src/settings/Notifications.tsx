import { NotifyParts } from "../notify/NotifyParts";
import styles from "./Settings.module.css";

export default function Notifications() {
  return (
    <div className={styles.section}>
      <h1 className={styles.title}>Notifications</h1>
      <p className={styles.lead}>How you hear of what waits for you while you look elsewhere.</p>
      <div className={styles.row}>
        <NotifyParts />
      </div>
    </div>
  );
}
