import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LogPage } from "../api/types";
import { type FeedState, LogFeed, SOCKET_AGAIN_MS } from "./feed";

class Line {
  onopen: (() => void) | null = null;
  onmessage: ((message: MessageEvent<string>) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  asked = 0;
  constructor(readonly after: string) {}
  close() {
    this.closed = true;
  }
  send() {
    this.asked += 1;
  }
  bring(last: string) {
    this.onmessage?.({ data: JSON.stringify(page(last)) } as MessageEvent<string>);
  }
}

const page = (last: string): LogPage => ({
  lines: [],
  first: "",
  last,
  complete: true,
  left: 0,
  lost: false,
  skipped: null,
});

const lines: Line[] = [];
const brought: string[] = [];
const states: FeedState[] = [];
const polls: string[] = [];
let answer: () => Promise<LogPage>;

function feed(): LogFeed {
  const made = new LogFeed(
    {
      open: (after) => {
        const line = new Line(after);
        lines.push(line);
        return line;
      },
      read: (after) => {
        polls.push(after);
        return answer();
      },
    },
    { page: ({ last }) => brought.push(last), state: (state) => states.push(state) },
  );
  made.start();
  return made;
}

/** Page "a" is drawn, and "b" came while it was paused. */
function held(): LogFeed {
  const made = feed();
  newest().onopen?.();
  newest().bring("a");
  made.drawn();
  made.pause();
  newest().bring("b");
  return made;
}

const newest = (): Line => {
  const line = lines.at(-1);
  if (line === undefined) throw new Error("no line was opened");
  return line;
};

beforeEach(() => {
  vi.useFakeTimers();
  for (const list of [lines, brought, states, polls]) list.length = 0;
  answer = () => Promise.resolve(page("p"));
});
afterEach(() => vi.useRealTimers());

test("the next page is asked for when this one is drawn, and not before", () => {
  const made = feed();
  newest().onopen?.();
  newest().bring("a");
  expect([brought, newest().asked]).toEqual([["a"], 0]);
  made.drawn();
  made.drawn();
  expect(newest().asked).toBe(1);
});

test("what comes while it is paused is held, and nothing more is asked for", () => {
  const made = held();
  made.drawn();
  expect([brought, newest().asked]).toEqual([["a"], 1]);
  made.resume();
  expect(brought).toEqual(["a", "b"]);
  made.drawn();
  expect(newest().asked).toBe(2);
});

test("a line that is cut while a page is held is opened again when it goes on", async () => {
  const made = held();
  newest().onclose?.();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lines.length).toBe(1);
  made.resume();
  made.drawn();
  await vi.advanceTimersByTimeAsync(0);
  expect([brought, lines.length, newest().after]).toEqual([["a", "b"], 2, "b"]);
});

test("the first page comes though it is paused", () => {
  const made = feed();
  made.pause();
  newest().onopen?.();
  newest().bring("a");
  made.drawn();
  expect([brought, newest().asked]).toEqual([["a"], 0]);
  made.resume();
  expect(newest().asked).toBe(1);
});

test("a line that is cut goes on after the last page", async () => {
  feed();
  newest().onopen?.();
  newest().bring("a");
  newest().onclose?.();
  expect(states.at(-1)).toBe("away");
  await vi.advanceTimersByTimeAsync(1_000);
  expect([lines.length, newest().after]).toEqual([2, "a"]);
});

test("without a socket it asks, says so, and tries the socket again later", async () => {
  const made = feed();
  newest().onclose?.();
  await vi.advanceTimersByTimeAsync(0);
  expect([states.at(-1), brought, polls]).toEqual(["polling", ["p"], [""]]);
  made.drawn();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(polls).toEqual(["", "p"]);
  await vi.advanceTimersByTimeAsync(SOCKET_AGAIN_MS);
  made.drawn();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([lines.length, newest().after]).toEqual([2, "p"]);
  newest().onopen?.();
  expect(states.at(-1)).toBe("live");
});

test("a hub that does not answer is asked ever more rarely, and found again", async () => {
  answer = () => Promise.reject(new Error("away"));
  feed();
  newest().onclose?.();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(states.at(-1)).toBe("away");
  expect(polls.length).toBeLessThan(8);
  answer = () => Promise.resolve(page("q"));
  await vi.advanceTimersByTimeAsync(10_000);
  expect([states.at(-1), brought]).toEqual(["polling", ["q"]]);
});

test("paused while it polls, it goes on where it was", async () => {
  const made = feed();
  newest().onclose?.();
  await vi.advanceTimersByTimeAsync(0);
  made.pause();
  made.drawn();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(polls).toEqual([""]);
  made.resume();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(lines.length + polls.length).toBe(3);
  expect(polls.at(-1) === "p" || newest().after === "p").toBe(true);
});

test("stopped, it says nothing any more", async () => {
  const made = feed();
  const line = newest();
  made.stop();
  expect(line.closed).toBe(true);
  line.bring("a");
  await vi.advanceTimersByTimeAsync(60_000);
  expect([brought, polls, lines.length]).toEqual([[], [], 1]);
});
