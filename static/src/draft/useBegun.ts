import { useState } from "react";
import { type Begun, left, onWith, standing } from "./begun";

/** A form over what others change too: `now` is what the hub has. Nothing that was begun goes before it is saved. */
export function useBegun<T>(now: T, saving: boolean) {
  const [begun, setBegun] = useState<Begun<T> | null>(null);
  const { values, changed, overtaken } = standing(begun, now);
  return {
    values,
    changed,
    overtaken: overtaken && !saving, // while it is saved the newer one is one's own
    put: (next: T) => setBegun({ base: begun?.base ?? now, values: next }),
    /** Once these values are saved; what was written since then stays. */
    saved: () => setBegun((latest) => (begun === null ? latest : left(latest, begun))),
    mine: () => setBegun(begun && onWith(begun, now)),
    drop: () => setBegun(null),
  };
}
