import { useEffect, useState } from "react";

interface Frame {
  id: number;
  state: string;
  text: string;
}

type Socket = Pick<WebSocket, "close" | "onmessage" | "onclose">;

const ENDED = 1000;
const RETRY_MS = 1_000;

/** The words of an answer while it is made; goes on when the line was cut, until it has ended. */
export class AnswerFeed {
  private socket: Socket | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly hear: (text: string) => void,
    private readonly open: (url: string) => Socket = (address) => new WebSocket(address, "wfhub.events"),
  ) {}

  start(): void {
    const socket = this.open(this.url);
    this.socket = socket;
    socket.onmessage = (message: MessageEvent<string>) => this.hear((JSON.parse(message.data) as Frame).text);
    socket.onclose = ({ code }: Pick<CloseEvent, "code">) => {
      if (code !== ENDED) this.retry = setTimeout(() => this.start(), RETRY_MS);
    };
  }

  stop(): void {
    clearTimeout(this.retry);
    if (this.socket === null) return;
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
  }
}

/** What came so far of an answer that is being made. */
export function useComing(id: number, attempt: number): string {
  const [heard, setHeard] = useState({ attempt, text: "" });
  useEffect(() => {
    const address = `${window.location.origin.replace(/^http/, "ws")}/ws/chat/messages/${id}`;
    const feed = new AnswerFeed(address, (text) => setHeard({ attempt, text }));
    feed.start();
    return () => feed.stop();
  }, [id, attempt]);
  return heard.attempt === attempt ? heard.text : "";
}
