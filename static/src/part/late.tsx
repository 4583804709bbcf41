import { type ComponentType, type MouseEventHandler, startTransition, useEffect, useRef, useState } from "react";
import { part } from "./part";

interface Opens {
  /** Opened by the click that asked for it. */
  startOpened?: boolean;
}

type Load<P> = () => Promise<{ default: ComponentType<P & Opens> }>;

/**
 * A button whose menu comes after the first screen: `Before` stands there from the start and looks the same. The real
 * one takes its place when the browser has nothing else to do, or at the first click.
 */
export function late<P extends object>(
  load: Load<P>,
  Before: ComponentType<P & { onClick: MouseEventHandler }>,
): ComponentType<P> {
  const Real = part<P & Opens>(load);
  return function Late(props: P) {
    const [state, setState] = useState<"asleep" | "there" | "asked">("asleep");
    const [loaded, setLoaded] = useState(false);
    const box = useRef<HTMLSpanElement>(null);
    useEffect(
      () =>
        whenIdle(() => {
          load().then(
            () => setLoaded(true),
            () => undefined, // nobody asked for it yet; the click tells
          );
        }),
      [],
    );
    useEffect(() => {
      if (loaded && !box.current?.contains(document.activeElement))
        setState((now) => (now === "asleep" ? "there" : now));
    }, [loaded]);
    if (state !== "asleep") return <Real {...props} startOpened={state === "asked"} />;
    const ask = () => {
      const open = () => startTransition(() => setState("asked"));
      load().then(open, open);
    };
    return (
      <span ref={box} style={{ display: "contents" }}>
        <Before {...props} onClick={ask} />
      </span>
    );
  };
}

/** Runs it when the first screen is done; the returned function calls it off. */
export function whenIdle(run: () => void): () => void {
  const timer = setTimeout(() => {
    if ("requestIdleCallback" in window) window.requestIdleCallback(run, { timeout: 3_000 });
    else run();
  }, 1_000);
  return () => clearTimeout(timer);
}
