import type { QueryClient } from "@tanstack/react-query";
import { keys } from "../api/keys";
import { type Held, withNews } from "./pieces";
import { readBoard, rereadBoards, shownBoards, type Which } from "./queries";

const GATHER_MS = 200;
/** Of more cards at once the board is read anew: the hub takes no more in one question. */
const MOST = 100;

/** Reads the cards that events named into the boards that are shown, at most five times a second; nothing else of
 * them is read. */
export class BoardNews {
  private named = new Set<number>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private reading = false;

  constructor(private readonly client: QueryClient) {}

  add(tasks: Iterable<number>): void {
    for (const task of tasks) this.named.add(task);
    if (this.named.size > 0) this.timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.named.clear();
  }

  private async flush(): Promise<void> {
    this.timer = undefined;
    if (this.reading) return; // it looks again when it has read
    const named = this.named;
    this.named = new Set();
    this.reading = true;
    void this.client.invalidateQueries({ queryKey: keys.boards, refetchType: "none" });
    void this.client.invalidateQueries({ queryKey: keys.allLanes });
    if (named.size > MOST) await rereadBoards(this.client);
    else await Promise.all(shownBoards(this.client).map(([which]) => this.read(which, named)));
    this.reading = false;
    this.add([]);
  }

  private async read(which: Which, named: ReadonlySet<number>): Promise<void> {
    const key = keys.board(which.project, which.asked);
    try {
      if (which.asked.first === 0) {
        await this.client.refetchQueries({ queryKey: key, exact: true }, { throwOnError: true });
        return;
      }
      const news = await readBoard(which, [...named]);
      this.client.setQueryData<Held>(key, (board) => board && withNews(board, news, named));
    } catch {
      // the query itself tries again, and tells what is wrong where it cannot
      await this.client.invalidateQueries({ queryKey: key, exact: true });
    }
  }
}
