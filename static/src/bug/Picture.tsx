import { CloseButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import styles from "./ReportBug.module.css";

/** What will be sent, as it looks. */
export function Picture({ file, remove }: { file: File; remove: () => void }) {
  const shown = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const address = URL.createObjectURL(file);
    if (shown.current) shown.current.src = address;
    return () => URL.revokeObjectURL(address);
  }, [file]);
  return (
    <div className={styles.picture}>
      <img ref={shown} alt="The screenshot that will be sent" />
      <CloseButton className={styles.remove} onClick={remove} aria-label="Remove the screenshot" />
    </div>
  );
}
