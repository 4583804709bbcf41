import { type CSSProperties, type Ref, useEffect, useRef } from "react";
import type { Card } from "../api/types";
import { BoardCard } from "./Card";
import { useCarried } from "./carry";
import type { DragEngine } from "./drag";

interface Props {
  card: Card;
  engine: DragEngine | null;
  /** Its place among many: measured, and put where it belongs. */
  measured?: { ref: Ref<HTMLLIElement>; index: number; style: CSSProperties };
}

export function CardItem({ card, engine, measured }: Props) {
  const item = useRef<HTMLDivElement>(null);
  const places = useCarried((held) => (held?.by === "keys" && held.card.id === card.id ? held.places : null));
  useEffect(() => {
    if (engine && item.current) return engine.card(item.current, card.id);
  }, [engine, card.id]);
  return (
    <li ref={measured?.ref} data-index={measured?.index} style={measured?.style} data-glide={card.id}>
      <div ref={item}>
        <BoardCard card={card} held={places} />
      </div>
    </li>
  );
}
