import { afterEach, expect, test, vi } from "vitest";
import { AnswerFeed } from "./answerFeed";

type Socket = Pick<WebSocket, "close" | "onmessage" | "onclose">;

function listening() {
  vi.useFakeTimers();
  const sockets: Socket[] = [];
  const heard: string[] = [];
  const feed = new AnswerFeed(
    "ws://hub/ws/chat/messages/1",
    (text) => heard.push(text),
    () => {
      const socket: Socket = { close: vi.fn(), onmessage: null, onclose: null };
      sockets.push(socket);
      return socket;
    },
  );
  feed.start();
  const line = {} as WebSocket;
  const say = (text: string) => {
    sockets.at(-1)?.onmessage?.call(line, { data: JSON.stringify({ text }) } as MessageEvent);
  };
  const end = (code: number) => {
    sockets.at(-1)?.onclose?.call(line, { code } as CloseEvent);
  };
  return { feed, sockets, heard, say, end };
}

afterEach(() => vi.useRealTimers());

test("what comes is heard, and after its end nothing is asked for", () => {
  const { heard, sockets, say, end } = listening();
  say("Two");
  say("Two tests");
  end(1000);
  vi.advanceTimersByTime(60_000);
  expect([heard, sockets.length]).toEqual([["Two", "Two tests"], 1]);
});

test("a line that was cut is taken up again, until nobody listens", () => {
  const { feed, sockets, end } = listening();
  end(1006);
  vi.advanceTimersByTime(2_000);
  expect(sockets).toHaveLength(2);
  end(1006);
  feed.stop();
  vi.advanceTimersByTime(60_000);
  expect(sockets).toHaveLength(2);
});
