import {
  type ComponentType,
  type MouseEventHandler,
  startTransition,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
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
    const [Loaded, setLoaded] = useState<ComponentType<P & Opens> | null>(null);
    const box = useRef<HTMLSpanElement>(null);
    useEffect(
      () =>
        whenIdle(() => {
          load().then(
            (module) => setLoaded(() => module.default),
            () => undefined, // nobody asked for it yet; the click tells
          );
        }),
      [],
    );
    // before the browser takes the next press: one that began on the button that goes would be lost
    useLayoutEffect(() => {
      if (Loaded && !box.current?.contains(document.activeElement))
        setState((now) => (now === "asleep" ? "there" : now));
    }, [Loaded]);
    if (state !== "asleep") {
      const Shown = Loaded ?? Real; // what is here already leaves no gap, as one that is waited for would
      return <Shown {...props} startOpened={state === "asked"} />;
    }
    const ask = () => {
      const open = () => startTransition(() => setState("asked"));
      load().then((module) => {
        setLoaded(() => module.default);
        open();
      }, open);
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
