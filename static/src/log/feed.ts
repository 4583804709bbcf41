import type { LogPage } from "../api/types";

export type FeedState = "opening" | "live" | "polling" | "away";

/** `page` brings what was written since the one before; call `drawn` once it is on the screen, for the next. */
export interface FeedEars {
  page: (page: LogPage) => void;
  state: (state: FeedState) => void;
}

type Socket = Pick<WebSocket, "close" | "send" | "onopen" | "onmessage" | "onclose">;

export interface FeedWays {
  open: (after: string) => Socket;
  read: (after: string, signal: AbortSignal) => Promise<LogPage>;
}

const RETRY_MS = 1_000;
const POLL_MS = 1_000;
const LONGEST_MS = 10_000;
/** While it polls: how often the socket is tried again. */
export const SOCKET_AGAIN_MS = 30_000;

/**
 * What is written to a log, no faster than it is drawn. Over a WebSocket; where that can't be had, by asking each second.
 * Whatever happens it goes on after the last line it brought.
 */
export class LogFeed {
  private last = "";
  private socket: Socket | null = null;
  private held: LogPage | null = null;
  private asking: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = POLL_MS;
  private polledSince = 0;
  private paused = false;
  /** The first page comes also where it is paused: somebody looks for something. */
  private begun = false;
  private waits = false;
  private over = false;

  constructor(
    private readonly ways: FeedWays,
    private readonly ears: FeedEars,
  ) {}

  start(): void {
    this.ears.state("opening");
    this.connect();
  }

  stop(): void {
    this.over = true;
    this.drop();
  }

  /** Nothing comes any more; what is written meanwhile stays where it is. */
  pause(): void {
    this.paused = true;
  }

  /** Goes on where it was paused. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    const page = this.held;
    this.held = null;
    if (page !== null) this.give(page);
    const cut = this.socket === null && this.asking === null;
    if (cut && (page === null || this.polledSince === 0)) this.again(0);
    else this.next();
  }

  /** The page is on the screen. */
  drawn(): void {
    if (!this.waits) return;
    this.waits = false;
    this.next();
  }

  private next(): void {
    if (this.paused || this.waits || this.over) return;
    if (this.socket !== null) this.socket.send("more");
    else if (this.polledSince > 0) this.again(this.wait);
  }

  private take(page: LogPage): void {
    this.last = page.last || this.last;
    if (this.paused && this.begun) this.held = page;
    else this.give(page);
  }

  private give(page: LogPage): void {
    this.begun = this.waits = true;
    this.ears.page(page);
  }

  private connect(): void {
    let opened = false;
    const socket = this.ways.open(this.last);
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.polledSince = 0;
      this.ears.state("live");
    };
    socket.onmessage = (message: MessageEvent<string>) => this.take(JSON.parse(message.data) as LogPage);
    socket.onclose = () => {
      this.socket = null;
      if (opened) {
        this.ears.state("away");
        this.again(RETRY_MS);
      } else {
        this.polledSince = Date.now();
        this.again(0);
      }
    };
  }

  /** The next try, by the way that is in use. */
  private again(after: number): void {
    clearTimeout(this.timer);
    if (this.over || (this.paused && this.begun)) return;
    this.timer = setTimeout(() => {
      if (this.polledSince > 0 && Date.now() - this.polledSince < SOCKET_AGAIN_MS) void this.poll();
      else this.connect();
    }, after);
  }

  private async poll(): Promise<void> {
    const asking = new AbortController();
    this.asking = asking;
    try {
      const page = await this.ways.read(this.last, asking.signal);
      if (asking.signal.aborted) return;
      this.wait = POLL_MS;
      this.ears.state("polling");
      this.asking = null;
      this.take(page);
    } catch {
      if (asking.signal.aborted) return;
      this.asking = null;
      this.ears.state("away");
      this.again(this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_MS);
    }
  }

  private drop(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
