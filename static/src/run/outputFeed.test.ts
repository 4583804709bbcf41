import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LineId, OutputFeed } from "./outputFeed";

interface Line {
  url: string;
  onmessage: ((message: MessageEvent<string>) => void) | null;
  onclose: ((event: Pick<CloseEvent, "code">) => void) | null;
  close: () => void;
}

const opened: Line[] = [];
const lines: string[] = [];
const states: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  opened.length = lines.length = states.length = 0;
});
afterEach(() => vi.useRealTimers());

function start(last: LineId | null = null): OutputFeed {
  const feed = new OutputFeed(
    "ws://hub/out",
    {
      lines: (news) => lines.push(...news.map((line) => `${line.step}/${line.seq}`)),
      state: (state) => states.push(state),
    },
    last,
    (url) => {
      const line: Line = { url, onmessage: null, onclose: null, close: () => undefined };
      opened.push(line);
      return line;
    },
  );
  feed.start();
  return feed;
}

const say = (step: string, seq: number) =>
  opened.at(-1)?.onmessage?.({ data: JSON.stringify({ step, seq }) } as MessageEvent<string>);

test("lines come in bursts, and the end of the run is the end of the feed", () => {
  start();
  say("0-judge", 1);
  say("1-tests", 1);
  expect(lines).toEqual([]);
  opened[0]?.onclose?.({ code: 1000 });
  expect(lines).toEqual(["0-judge/1", "1-tests/1"]);
  expect(states).toEqual(["following", "ended"]);
  vi.advanceTimersByTime(60_000);
  expect(opened.length).toBe(1);
});

test("a line that was cut goes on in its step after its last line", () => {
  start();
  say("0-judge", 1);
  say("1-tests", 7);
  opened[0]?.onclose?.({ code: 1006 });
  expect(states.at(-1)).toBe("reconnecting");
  vi.advanceTimersByTime(2_000);
  expect(opened.at(-1)?.url).toBe("ws://hub/out?step=1-tests&after=7");
  say("1-tests", 8);
  vi.advanceTimersByTime(100);
  expect(lines).toEqual(["0-judge/1", "1-tests/7", "1-tests/8"]);
});

test("a feed that was stopped stays silent", () => {
  const feed = start();
  say("0-judge", 1);
  feed.stop();
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual([]);
  expect(opened.length).toBe(1);
});

test("what was read before is not asked for again", () => {
  start({ step: "1-tests", seq: 40 });
  expect(opened[0]?.url).toBe("ws://hub/out?step=1-tests&after=40");
});
