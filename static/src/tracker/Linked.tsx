import { Fragment } from "react";
import { linked } from "./words";

/** A sentence whose addresses can be followed. */
export function Linked({ children }: { children: string }) {
  return linked(children).map((piece, index) =>
    index % 2 === 1 ? (
      <a key={index} href={piece} target="_blank" rel="noreferrer">
        {piece}
      </a>
    ) : (
      <Fragment key={index}>{piece}</Fragment>
    ),
  );
}
