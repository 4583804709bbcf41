import { useState } from "react";
import type { Preview } from "../api/types";
import { CreateStep } from "./CreateStep";
import { NOWHERE, PlaceStep } from "./PlaceStep";

/** First where it lies, then what was found there, to be corrected: a project is made at the very end. */
export default function NewProjectForm({ close }: { close: () => void }) {
  const [found, setFound] = useState<{ preview: Preview; url: string; name: string } | null>(null);
  const [place, setPlace] = useState(NOWHERE);
  if (found === null)
    return (
      <PlaceStep
        place={place}
        setPlace={setPlace}
        close={close}
        next={(preview, url, name) => setFound({ preview, url, name })}
      />
    );
  return <CreateStep {...found} close={close} back={() => setFound(null)} />;
}
