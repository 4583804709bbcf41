export interface OutputLine {
  step: string;
  seq: number;
  at: string;
  kind: string;
  text: string;
  data: Record<string, unknown>;
}

export type FeedState = "following" | "ended" | "reconnecting";

export interface FeedEars {
  lines: (lines: OutputLine[]) => void;
  state: (state: FeedState) => void;
}

type Socket = Pick<WebSocket, "close" | "onmessage" | "onclose">;

const ENDED = 1000;
const RETRY_MS = 1_500;
const GATHER_MS = 80;

/** A line of a run's output: its step, and its number there. */
export type LineId = Pick<OutputLine, "step" | "seq">;

/** What a run says, after the line that is known already or from the first; goes on after the last one when the line
 * was cut. */
export class OutputFeed {
  private socket: Socket | null = null;
  private waiting: OutputLine[] = [];
  private gather: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly ears: FeedEars,
    private last: LineId | null = null,
    private readonly open: (url: string) => Socket = (address) => new WebSocket(address, "wfhub.events"),
  ) {}

  start(): void {
    const after = this.last && new URLSearchParams({ step: this.last.step, after: String(this.last.seq) }).toString();
    const socket = this.open(after ? `${this.url}?${after}` : this.url);
    this.socket = socket;
    this.ears.state("following");
    socket.onmessage = (message: MessageEvent<string>) => {
      const line = JSON.parse(message.data) as OutputLine;
      this.last = { step: line.step, seq: line.seq };
      this.waiting.push(line);
      this.gather ??= setTimeout(() => this.flush(), GATHER_MS);
    };
    socket.onclose = ({ code }: Pick<CloseEvent, "code">) => {
      this.flush();
      if (code === ENDED) {
        this.ears.state("ended");
        return;
      }
      this.ears.state("reconnecting");
      this.retry = setTimeout(() => this.start(), RETRY_MS);
    };
  }

  stop(): void {
    clearTimeout(this.gather);
    clearTimeout(this.retry);
    if (this.socket === null) return;
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
  }

  private flush(): void {
    clearTimeout(this.gather);
    this.gather = undefined;
    const lines = this.waiting;
    this.waiting = [];
    if (lines.length > 0) this.ears.lines(lines);
  }
}
