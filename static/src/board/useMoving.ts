import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useEffectEvent, useState } from "react";
import type { Board } from "../api/types";
import { whenIdle } from "../part/late";
import { tellDone } from "../problem/tell";
import { carriedNow, carry } from "./carry";
import type { DragEngine } from "./drag";
import { type Consequence, consequenceOf, type Move, movedWords, shifted } from "./move";
import { neighbourOf, putBackFocus, stepFocus } from "./focus";
import { homeOf as columnOf } from "./pieces";
import { shownBoards } from "./queries";
import { announce } from "./say";
import { useMove } from "./useMove";

export interface Asked {
  move: Move;
  consequence: Consequence;
}

/** All ways in which a person moves a card: they end in one place, which asks where something would be lost. */
export function useMoving(board: Board | undefined) {
  const [engine, setEngine] = useState<DragEngine | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const { mutate } = useMove();
  const columns = board?.columns ?? [];
  const client = useQueryClient();
  /** Of all boards that are shown: each lane has one. */
  const homeOf = (task: number) => {
    for (const [, shown] of shownBoards(client)) {
      const column = columnOf(shown, task);
      const card = column?.tasks.find((each) => each.id === task);
      if (column && card) return { column, card };
    }
    return undefined;
  };
  const find = (task: number) => homeOf(task)?.card;
  const titleOf = (stage: string | null) => columns.find((column) => column.stage === stage)?.title ?? "";

  const run = (move: Move) => {
    setAsked(null);
    mutate(move, {
      onSuccess: () => {
        const to = columns.find((column) => column.stage === move.stage);
        if (!to) return;
        const words = movedWords(move.card, to, to === columns[0]);
        announce(words);
        if (move.card.stage !== move.stage) tellDone(words);
      },
    });
    putBackFocus(move.card.key);
  };
  const propose = (move: Move) => {
    const to = columns.find((column) => column.stage === move.stage);
    if (!to) return;
    const consequence = consequenceOf(move.card, to, to === columns.at(-1));
    if (consequence) setAsked({ move, consequence });
    else run(move);
  };
  const drop = (stage: string | null, y: number | null) => {
    const held = carriedNow();
    carry(null);
    if (held === null) return;
    const { card } = held;
    if (stage !== null && stage !== card.stage) {
      propose({ card, stage });
      return;
    }
    const column = stage === null ? undefined : homeOf(card.id)?.column;
    const move = column && (y === null ? shifted(card, column, held.places) : neighbourOf(card, column, y));
    if (move) propose(move);
    else announce(`${card.key} stays where it was.`);
  };

  const lift = useEffectEvent((task: number) => {
    const card = find(task);
    if (card) carry({ card, by: "pointer", stage: card.stage, places: 0 });
  });
  const over = useEffectEvent((stage: string | null) => {
    const held = carriedNow();
    if (held) carry({ ...held, stage });
  });
  const letGo = useEffectEvent(drop);
  useEffect(
    () =>
      whenIdle(() => {
        import("./drag").then(
          ({ makeEngine }) =>
            setEngine(
              makeEngine({
                lift: (task) => lift(task),
                over: (stage) => over(stage),
                drop: (stage, y) => letGo(stage, y),
              }),
            ),
          () => undefined, // the keyboard moves cards without it
        );
      }),
    [],
  );

  useEffect(() => () => carry(null), []); // nobody holds a card of a board that is not there

  const onKeyDown = (event: KeyboardEvent) => {
    const task = event.target instanceof HTMLElement ? event.target.dataset.taskId : undefined;
    const card = task === undefined ? undefined : find(Number(task));
    if (card === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const held = carriedNow();
    if (held?.by !== "keys") {
      if (event.key === " ") {
        carry({ card, by: "keys", stage: card.stage, places: 0 });
        announce(
          `${card.key} is taken up from ${titleOf(card.stage)}. Arrows choose its place, Space puts it down, Escape leaves it.`,
        );
      } else if (!stepFocus(event.key, card)) return;
      event.preventDefault();
      return;
    }
    const at = columns.findIndex((column) => column.stage === held.stage);
    const beside = columns[at + (event.key === "ArrowLeft" ? -1 : 1)];
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      if (beside) carry({ ...held, stage: beside.stage, places: 0 });
      announce(beside ? `Over ${beside.title}.` : "There is no column further on.");
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const places = held.places + (event.key === "ArrowUp" ? -1 : 1);
      const column = homeOf(card.id)?.column;
      const goes = held.stage === card.stage && column && (places === 0 || shifted(card, column, places) !== null);
      if (goes) carry({ ...held, places });
      announce(goes ? `${Math.abs(places)} ${places < 0 ? "up" : "down"}.` : "Cards stand by priority; no further.");
    } else if (event.key === " " || event.key === "Enter") drop(held.stage, null);
    else if (event.key === "Escape" || event.key === "Tab") drop(null, null);
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  };

  return { engine, asked, answer: (yes: boolean) => (yes && asked ? run(asked.move) : setAsked(null)), onKeyDown };
}
