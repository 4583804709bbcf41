/** What went wrong, in the hub's own sentence and with its way out. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly wayOut: string;
  /** What is wrong with single fields, by their names in the body: `title`, `criteria.0.text`. */
  readonly faults: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    wayOut: string,
    faults: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.wayOut = wayOut;
    this.faults = faults;
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
    return new Problem(status, member("code"), body.detail, member("way_out"), faultsOf(body));
  }
  return new Problem(
    status,
    `http_${status}`,
    `The hub answered ${status} without saying why.`,
    "Look at main-api's log.",
  );
}

/** The `errors` of a body that could not be read. */
function faultsOf(body: object): Record<string, string> {
  const errors = "errors" in body && Array.isArray(body.errors) ? (body.errors as unknown[]) : [];
  const found: Record<string, string> = {};
  for (const one of errors) {
    const { where, what } = (one ?? {}) as Record<string, unknown>;
    if (typeof where === "string" && typeof what === "string") found[where.replace(/^body\./, "")] ??= what;
  }
  return found;
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
