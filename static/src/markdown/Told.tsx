import Markdown from "react-markdown";
import styles from "./Told.module.css";

/** What an agent or a person wrote. Its HTML is text, and it loads no picture from anywhere. Heavy: load it lazily. */
export function Told({ children }: { children: string }) {
  return (
    <div className={styles.words}>
      <Markdown disallowedElements={["img"]} unwrapDisallowed>
        {children}
      </Markdown>
    </div>
  );
}
