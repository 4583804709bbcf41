import { useState } from "react";
import styles from "../control/Control.module.css";
import { linkTo, usePlace } from "../place/usePlace";
import { useProject } from "../project/queries";

const KEPT = "wfhub.scripted.understood";

/** Said in full until it was understood in this session; the mark in the bar stays. */
export function ScriptedBanner() {
  const place = usePlace();
  const project = useProject();
  const [understood, setUnderstood] = useState(() => sessionStorage.getItem(KEPT) !== null);
  if (understood || place.view === "start") return null;
  const dismiss = () => {
    sessionStorage.setItem(KEPT, "yes");
    setUnderstood(true);
  };
  return (
    <p role="note" className={styles.banner} aria-label="Scripted model">
      <span>
        A scripted model {project ? "may answer here" : "is set in this hub"}: it plays a file and is no AI. Its plans
        and code mean nothing; git, tests and scanners are real.
      </span>
      <a {...linkTo(place, { view: "start", task: null, plan: null })}>Set up a real model</a>
      <button type="button" onClick={dismiss}>
        Understood
      </button>
    </p>
  );
}
