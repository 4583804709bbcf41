/** What went wrong, in the hub's own sentence and with its way out. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly wayOut: string;

  constructor(status: number, code: string, detail: string, wayOut: string) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.wayOut = wayOut;
  }
}

export const HUB_AWAY = new Problem(
  0,
  "hub_away",
  "The hub does not answer.",
  "Start it with ./start.sh; this page goes on by itself.",
);

export function problemOf(status: number, body: unknown): Problem {
  if (body !== null && typeof body === "object" && "detail" in body && typeof body.detail === "string") {
    const member = (name: string) => {
      const value = (body as Record<string, unknown>)[name];
      return typeof value === "string" ? value : "";
    };
    return new Problem(status, member("code"), body.detail, member("way_out"));
  }
  return new Problem(
    status,
    `http_${status}`,
    `The hub answered ${status} without saying why.`,
    "Look at main-api's log.",
  );
}

/** Of a row that is not there: the hub's way out names the API, a person on the page needs another. */
export function gone(error: unknown, wayOut: string): Problem {
  const problem = asProblem(error);
  return problem.status === 404 ? new Problem(404, problem.code, problem.message, wayOut) : problem;
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem(0, "page_failed", `This page failed: ${detail}`, "Load it again.");
}
