import type { QueryClient } from "@tanstack/react-query";
import { type Key, together } from "./effects";

const GATHER_MS = 200;

/** Reads again what went stale, at most five times a second however many events come. */
export class Refresh {
  private stale: Key[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: Pick<QueryClient, "invalidateQueries">) {}

  add(keys: Key[]): void {
    if (keys.length === 0) return;
    this.stale = together([...this.stale, ...keys]);
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private flush(): void {
    this.timer = undefined;
    const stale = this.stale;
    this.stale = [];
    for (const queryKey of stale) void this.client.invalidateQueries({ queryKey });
  }
}
