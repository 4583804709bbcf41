import { Button } from "@mantine/core";
import styles from "./Box.module.css";
import { asFile } from "./words";

interface Props {
  sentence: string;
  text: string;
  add: (files: File[]) => Promise<void>;
  write: (words: string) => void;
}

/** Words that are longer than the hub takes, and the way to send them all the same: as a file, with short words that stay. */
export function TooLong({ sentence, text, add, write }: Props) {
  const send = () => {
    const { text: short, file } = asFile(text);
    void add([file]);
    write(short);
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
