import { writeDatesIn } from "../clock/words";

const KEPT = "wfhub.look";

/** How the page looks in this browser. `dates` is a language, empty for the browser's own. */
export interface Look {
  density: "dense" | "roomy";
  motion: "system" | "still";
  dates: string;
}

export const USUAL: Look = { density: "dense", motion: "system", dates: "" };

export function look(): Look {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Look>;
    return {
      density: kept.density === "roomy" ? "roomy" : "dense",
      motion: kept.motion === "still" ? "still" : "system",
      dates: typeof kept.dates === "string" && /^[a-z]{2}(-[A-Z]{2})?$/.test(kept.dates) ? kept.dates : "",
    };
  } catch {
    return USUAL; // a browser that keeps nothing, or something that is not ours
  }
}

/** Puts it on. Without a look it is the one that is kept. */
export function wear(next: Look = look()): void {
  document.documentElement.dataset["density"] = next.density;
  document.documentElement.dataset["motion"] = next.motion;
  writeDatesIn(next.dates);
}

export function keepLook(next: Look): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(next));
  } catch {
    // then it holds until the page is loaded anew
  }
  wear(next);
}
