import type { ReactNode } from "react";
import styles from "./Tag.module.css";

export type Tone = "plain" | "ok" | "bad" | "wait" | "accent";

export function Tag({
  tone = "plain",
  title,
  children,
}: {
  tone?: Tone;
  title?: string | undefined;
  children: ReactNode;
}) {
  return (
    <span className={styles.tag} data-tone={tone} title={title}>
      {children}
    </span>
  );
}
