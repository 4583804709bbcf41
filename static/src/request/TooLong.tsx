import { Button } from "@mantine/core";
import styles from "./Box.module.css";
import { asFile } from "./words";

interface Props {
  sentence: string;
  text: string;
  /** Gets the short words that stay, and the file with all of them. */
  cut: (short: string, file: File) => void;
}

/** Words that are longer than the hub takes, and the way to send them all the same. */
export function TooLong({ sentence, text, cut }: Props) {
  const send = () => {
    const { text: short, file } = asFile(text);
    cut(short, file);
  };
  return (
    <div className={styles.long} role="alert">
      <span>{sentence}</span>
      <Button size="compact-xs" variant="default" onClick={send}>
        Send it as a file
      </Button>
    </div>
  );
}
