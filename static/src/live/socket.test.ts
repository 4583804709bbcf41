import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { HubEvent } from "../api/types";
import { FAR_BEHIND, LiveSocket, LONG_AWAY_MS } from "./socket";

class Line {
  onopen: (() => void) | null = null;
  onmessage: ((message: MessageEvent<string>) => void) | null = null;
  onclose: ((event: Pick<CloseEvent, "code">) => void) | null = null;
  closed = false;
  constructor(readonly url: string) {}
  close() {
    this.closed = true;
  }
  say(kind: string, seq: number) {
    const event = { kind, seq, at: "", actor: "hub", data: {} };
    this.onmessage?.({ data: JSON.stringify(event) } as MessageEvent<string>);
  }
  caughtUp(seq: number) {
    this.onopen?.();
    this.say("hub.caught_up", seq);
  }
}

const lines: Line[] = [];
const heard: number[] = [];
const ears = {
  news: (events: HubEvent[]) => heard.push(...events.map((event) => event.seq)),
  reset: vi.fn(),
  state: vi.fn(),
  refused: vi.fn(),
};

function start(): LiveSocket {
  const socket = new LiveSocket("ws://hub/ws/events", ears, (url) => {
    const line = new Line(url);
    lines.push(line);
    return line;
  });
  socket.start();
  return socket;
}

const line = (number: number): Line => {
  const found = lines.at(number);
  if (found === undefined) throw new Error(`there is no line ${number}`);
  return found;
};

beforeEach(() => {
  vi.useFakeTimers();
  lines.length = heard.length = 0;
  for (const ear of [ears.reset, ears.state, ears.refused]) ear.mockClear();
});
afterEach(() => vi.useRealTimers());

test("it begins with the news, and hands on a burst together", () => {
  start();
  expect(line(0).url).toBe("ws://hub/ws/events");
  line(0).caughtUp(10);
  line(0).say("task.stage", 11);
  line(0).say("task.queued", 12);
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(50);
  expect(heard).toEqual([11, 12]);
  expect(ears.state).toHaveBeenLastCalledWith("live");
  expect(ears.reset).not.toHaveBeenCalled();
});

test("where another line stood before, all is read anew, and what is shown stays meanwhile", () => {
  const socket = start();
  line(0).caughtUp(10);
  socket.stop();
  socket.start(true);
  expect(ears.state).toHaveBeenLastCalledWith("reconnecting");
  line(1).caughtUp(14);
  expect(ears.reset).toHaveBeenCalledOnce();
  expect(ears.state).toHaveBeenLastCalledWith("live");
});

test("a line that was cut goes on after the last number, and says that it reconnects", () => {
  start();
  line(0).caughtUp(10);
  line(0).say("task.stage", 11);
  line(0).onclose?.({ code: 1006 });
  expect(ears.state).toHaveBeenLastCalledWith("reconnecting");
  vi.advanceTimersByTime(1_000);
  expect(line(1).url).toBe("ws://hub/ws/events?after=11");
  line(1).onopen?.();
  line(1).say("task.queued", 12);
  line(1).say("hub.caught_up", 12);
  vi.advanceTimersByTime(50);
  expect(heard).toEqual([11, 12]);
  expect(ears.reset).not.toHaveBeenCalled();
});

test("live words of a run have no number of their own", () => {
  start();
  line(0).caughtUp(10);
  line(0).say("task.stage", 11);
  line(0).say("run.activity", 3);
  line(0).onclose?.({ code: 1006 });
  vi.advanceTimersByTime(1_000);
  expect(line(1).url).toBe("ws://hub/ws/events?after=11");
});

test("tries get rarer, and a line that never opened asks who we are", () => {
  start();
  const gaps: number[] = [];
  for (let number = 0; number < 8; number++) {
    const before = Date.now();
    line(-1).onclose?.({ code: 1006 });
    const count = lines.length;
    while (lines.length === count) vi.advanceTimersByTime(100);
    gaps.push(Date.now() - before);
  }
  expect(gaps[0]).toBeLessThan(700);
  expect(Math.max(...gaps)).toBeLessThan(20_000);
  expect(gaps.at(-1)).toBeGreaterThan(10_000);
  expect(ears.refused).toHaveBeenCalledTimes(8);
});

test("what was read before the first line opened may be old", () => {
  start();
  line(0).onclose?.({ code: 1006 });
  vi.advanceTimersByTime(1_000);
  line(1).caughtUp(20);
  expect(ears.reset).toHaveBeenCalledTimes(1);
});

test("after hours away it takes the news only, and all is read anew", () => {
  const socket = start();
  line(0).caughtUp(10);
  line(0).onclose?.({ code: 1006 });
  vi.setSystemTime(Date.now() + LONG_AWAY_MS + 1);
  socket.wake();
  expect(line(-1).url).toBe("ws://hub/ws/events");
  line(-1).caughtUp(9_000);
  expect(ears.reset).toHaveBeenCalledTimes(1);
});

test("a replay without end is not waited for", () => {
  start();
  line(0).caughtUp(10);
  line(0).onclose?.({ code: 1006 });
  vi.advanceTimersByTime(1_000);
  line(1).onopen?.();
  for (let seq = 11; seq < 13 + FAR_BEHIND; seq++) line(1).say("task.stage", seq);
  expect(line(1).closed).toBe(true);
  expect(line(2).url).toBe("ws://hub/ws/events");
  line(2).caughtUp(5_000);
  vi.advanceTimersByTime(50);
  expect(heard).toEqual([]);
  expect(ears.reset).toHaveBeenCalledTimes(1);
});

test("a hub whose numbers went back is another hub", () => {
  start();
  line(0).caughtUp(500);
  line(0).onclose?.({ code: 1006 });
  vi.advanceTimersByTime(1_000);
  line(1).caughtUp(3);
  expect(ears.reset).toHaveBeenCalledTimes(1);
});

test("a silent line is left for a new one", () => {
  start();
  line(0).caughtUp(10);
  vi.advanceTimersByTime(60_000);
  expect(line(0).closed).toBe(true);
  expect(lines.length).toBeGreaterThan(1);
  expect(line(1).url).toContain("after=10");
});

test("a session that ended closes the line, and who we are is asked", () => {
  start();
  line(0).caughtUp(10);
  line(0).onclose?.({ code: 1008 });
  expect(ears.refused).toHaveBeenCalledTimes(1);
});

test("stopped is stopped", () => {
  const socket = start();
  line(0).caughtUp(10);
  socket.stop();
  vi.advanceTimersByTime(120_000);
  socket.wake();
  expect(lines.length).toBe(1);
});
