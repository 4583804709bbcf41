import type { HubEvent } from "../api/types";

export type LiveState = "opening" | "live" | "reconnecting" | "closed";

/** `news` brings the events of a moment in order; `reset` says that too much was missed: read all anew. */
export interface LiveEars {
  news: (events: HubEvent[]) => void;
  reset: () => void;
  state: (state: LiveState) => void;
  refused: () => void;
}

type Socket = Pick<WebSocket, "close" | "onopen" | "onmessage" | "onclose">;

const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 15_000;
const SILENCE_MS = 45_000;
const GATHER_MS = 16; // a frame: what comes together is drawn together
const SESSION_OVER = 1008;
export const FAR_BEHIND = 300;
export const LONG_AWAY_MS = 10 * 60_000;

/** One line to the hub's events. It goes on after the last number it saw, and says so when it could not. */
export class LiveSocket {
  private socket: Socket | null = null;
  private seq: number | null = null;
  private heard = 0;
  private tried = 0;
  private missed = false;
  private delay = FIRST_DELAY_MS;
  private caughtUp = false;
  private waiting: HubEvent[] = [];
  private timers: { gather?: Timer; retry?: Timer; watch?: Timer } = {};
  private over = false;

  constructor(
    private readonly url: string,
    private readonly ears: LiveEars,
    private readonly open: (url: string) => Socket = (url) => new WebSocket(url, "wfhub.events"),
  ) {}

  /** `again`: a line stood before this one, and what came since then is not known. */
  start(again = false): void {
    this.over = false;
    this.missed = again;
    this.ears.state(again ? "reconnecting" : "opening");
    this.connect();
    this.timers.watch = setInterval(() => this.watch(), 5_000);
  }

  stop(): void {
    this.over = true;
    clearInterval(this.timers.watch);
    clearTimeout(this.timers.retry);
    clearTimeout(this.timers.gather);
    this.drop();
    this.ears.state("closed");
  }

  /** The network or the person is back: don't wait for the next try. */
  wake(): void {
    if (this.over) return;
    if (this.socket === null) this.connect();
    else this.watch();
  }

  private connect(): void {
    clearTimeout(this.timers.retry);
    this.drop();
    if (this.seq !== null && Date.now() - this.heard > LONG_AWAY_MS) this.giveUp();
    this.tried = Date.now();
    this.caughtUp = false;
    const since = this.seq;
    let opened = false;
    let replayed = 0;
    const socket = this.open(since === null ? this.url : `${this.url}?after=${since}`);
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
    };
    socket.onmessage = (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as HubEvent;
      this.heard = Date.now();
      if (event.kind === "hub.caught_up") {
        this.missed ||= since !== null && event.seq < since;
        this.arrive(event.seq);
      } else if (event.kind === "hub.ping") {
        this.seq = event.seq;
      } else if (!this.caughtUp && ++replayed > FAR_BEHIND) {
        this.giveUp();
        this.connect();
      } else {
        if (event.kind !== "run.activity") this.seq = event.seq;
        this.gather(event);
      }
    };
    socket.onclose = ({ code }: Pick<CloseEvent, "code">) => {
      this.socket = null;
      this.missed ||= this.seq === null;
      if (!opened || code === SESSION_OVER) this.ears.refused();
      this.retry();
    };
  }

  private arrive(seq: number): void {
    this.seq = seq;
    this.caughtUp = true;
    this.delay = FIRST_DELAY_MS;
    if (this.missed) {
      this.missed = false;
      this.waiting = [];
      this.ears.reset();
    }
    this.ears.state("live");
  }

  /** Reading everything anew is less than what was missed: only the news from now on. */
  private giveUp(): void {
    this.waiting = [];
    this.seq = null;
    this.missed = true;
  }

  private gather(event: HubEvent): void {
    this.waiting.push(event);
    this.timers.gather ??= setTimeout(() => {
      delete this.timers.gather;
      const events = this.waiting;
      this.waiting = [];
      if (events.length > 0) this.ears.news(events);
    }, GATHER_MS);
  }

  private watch(): void {
    if (this.socket !== null && Date.now() - Math.max(this.heard, this.tried) > SILENCE_MS) {
      this.ears.state("reconnecting");
      this.connect();
    }
  }

  private retry(): void {
    if (this.over) return;
    this.ears.state("reconnecting");
    const wait = this.delay * (0.75 + Math.random() / 2);
    this.delay = Math.min(this.delay * 2, LONGEST_DELAY_MS);
    this.timers.retry = setTimeout(() => this.connect(), wait);
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

type Timer = ReturnType<typeof setTimeout>;
