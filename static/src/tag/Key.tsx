import styles from "./Key.module.css";

export function Key({ children }: { children: string }) {
  return <kbd className={styles.key}>{children}</kbd>;
}
