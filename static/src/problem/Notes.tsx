import { type ComponentType, useEffect, useState } from "react";
import { whenIdle } from "../part/late";

/** Where notes come up in the corner. It is fetched after the first screen, for when the line is cut, too. */
export function Notes() {
  const [Place, setPlace] = useState<ComponentType | null>(null);
  useEffect(() => {
    const fetch = () => {
      import("./NotesPlace").then(
        ({ default: loaded }) => setPlace(() => loaded),
        () => {
          timer = setTimeout(fetch, RETRY_MS); // notes that came meanwhile are kept, and shown then
        },
      );
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const off = whenIdle(fetch);
    return () => {
      off();
      clearTimeout(timer);
    };
  }, []);
  return Place && <Place />;
}

const RETRY_MS = 5_000;
