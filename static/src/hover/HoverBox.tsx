import { type ReactNode, useLayoutEffect, useRef } from "react";
import { beside } from "./beside";
import styles from "./HoverBox.module.css";

interface Props {
  name: string;
  by: DOMRect;
  children: ReactNode;
}

/** Facts beside what the mouse rests on. The mouse goes through it; it moves as its facts come. */
export function HoverBox({ name, by, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const node = box.current;
    if (!node) return undefined;
    const place = () => {
      const { width, height } = node.getBoundingClientRect();
      const { left, top } = beside(by, { width, height }, { width: window.innerWidth, height: window.innerHeight });
      Object.assign(node.style, { left: `${left}px`, top: `${top}px` });
    };
    place();
    const grown = new ResizeObserver(place);
    grown.observe(node);
    return () => grown.disconnect();
  }, [by]);
  return (
    <div ref={box} id={name} role="tooltip" className={styles.box}>
      {children}
    </div>
  );
}
