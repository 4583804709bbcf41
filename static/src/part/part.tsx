import { type ComponentType, lazy, type ReactNode, Suspense, useState } from "react";
import { Boundary } from "./Boundary";

type Loads<P> = () => Promise<{ default: ComponentType<P> }>;

/** A part of the page that comes when it is looked at: `preload` fetches it before, and tells nobody if it can't. */
export type Part<P> = ComponentType<P> & { preload: () => void };

/** All of Mantine's styles; the board's path has but those that it shows. */
const styles = () => import("../theme/rest");

/**
 * Like React's `lazy`, with the part's own boundary: what can't be loaded, or fails, says so where it would have stood
 * and is tried again there. `waiting` is shown meanwhile.
 */
export function part<P extends object>(load: Loads<P>, waiting: ReactNode = null): Part<P> {
  const fetched: Loads<P> = async () => (await Promise.all([load(), styles()]))[0];
  let latest = lazy(fetched);
  function Shown(props: P) {
    const [Content, setContent] = useState(() => latest);
    const again = () => {
      latest = lazy(fetched);
      setContent(latest);
    };
    return (
      <Boundary again={again}>
        <Suspense fallback={waiting}>
          <Content {...props} />
        </Suspense>
      </Boundary>
    );
  }
  Shown.preload = () => void fetched().catch(() => undefined);
  return Shown;
}
