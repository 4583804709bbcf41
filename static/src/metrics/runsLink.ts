import { VIEWS } from "../place/place";

interface Behind {
  project?: number | undefined;
  stage?: string | null | undefined;
  role?: string | null | undefined;
  model?: string | null | undefined;
  state?: string;
}

/** The address of the runs behind a figure; null where the page has no list of runs. */
export function runsLink(behind: Behind, span: { begins: string; ends: string }): string | null {
  if (!(VIEWS as readonly string[]).includes("runs")) return null;
  const query = new URLSearchParams({ view: "runs" });
  for (const [name, value] of Object.entries(behind))
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  query.set("since", span.begins);
  query.set("until", span.ends);
  return `?${query.toString()}`;
}
