import type { ReactNode } from "react";
import styles from "./Now.module.css";

/** What happens this moment: words with a calm pulse before them. */
export function Now({ children }: { children: ReactNode }) {
  return <span className={styles.now}>{children}</span>;
}
