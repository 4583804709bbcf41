import { Button, CloseButton, Group, SegmentedControl } from "@mantine/core";
import { type KeyboardEvent, type PointerEvent, useEffect, useId, useRef, useState } from "react";
import { type Area, areaWords, between, isMeant, keyed, type Point, scaled } from "./area";
import { redrawn, type Tool } from "./redraw";
import styles from "./ReportBug.module.css";

interface Props {
  file: File;
  /** Takes the picture that is being drawn anew; resolves to whether it came. */
  change: (coming: Promise<File>) => Promise<boolean>;
  /** It is being drawn anew: a stroke on what is shown would be lost, or undo the one before. */
  busy: boolean;
  /** Undefined where nothing was drawn yet. */
  undo: (() => void) | undefined;
  remove: () => void;
}

/** What will be sent, as it looks: parts of it are made black, or cut away, by drawing a rectangle with a
 * pointer or with the arrow keys. */
export function Picture({ file, change, busy, undo, remove }: Props) {
  const how = useId();
  const shown = useRef<HTMLImageElement>(null);
  const [tool, setTool] = useState<Tool>("blacken");
  const [from, setFrom] = useState<Point | null>(null);
  const [area, setArea] = useState<Area | null>(null);
  const [told, setTold] = useState("");
  useEffect(() => {
    const address = URL.createObjectURL(file);
    if (shown.current) shown.current.src = address;
    return () => URL.revokeObjectURL(address);
  }, [file]);
  const at = (event: PointerEvent<HTMLElement>): Point => {
    const frame = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };
  const begin = (event: PointerEvent<HTMLElement>) => {
    if (busy) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setFrom(at(event));
  };
  const drawnTo = (event: PointerEvent<HTMLElement>): Area | null =>
    from && between(from, at(event), event.currentTarget.getBoundingClientRect());
  const end = async (meant: Area | null): Promise<boolean> => {
    setFrom(null);
    setArea(null);
    const image = shown.current;
    if (meant === null || image === null || !isMeant(meant)) return false;
    const real = { width: image.naturalWidth, height: image.naturalHeight };
    const frame = { width: image.clientWidth, height: image.clientHeight };
    return change(redrawn(file, tool, scaled(meant, frame, real)));
  };
  const leave = () => {
    setFrom(null);
    setArea(null);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const next = keyed(area, event.key, event.shiftKey, frame);
    if (next !== null) {
      setArea(next);
      setTold(areaWords(next, frame));
    } else if (area !== null && event.key === "Enter") {
      if (!busy)
        void end(area).then((drawn) => drawn && setTold(tool === "crop" ? "The rest is cut away." : "It is black."));
    } else if (area !== null && event.key === "Escape") {
      setTold("");
      leave();
    } else return;
    event.preventDefault();
    event.stopPropagation(); // Escape would close the dialog
  };
  return (
    <div className={styles.picture}>
      <div
        className={styles.sheet}
        role="application"
        tabIndex={0}
        aria-label="Draw on the screenshot"
        aria-describedby={how}
        aria-busy={busy}
        data-mantine-stop-propagation={area !== null || undefined}
        onKeyDown={onKeyDown}
        onBlur={leave}
        onPointerDown={begin}
        onPointerMove={(event) => from && setArea(drawnTo(event))}
        onPointerUp={(event) => void end(drawnTo(event))}
        onPointerCancel={leave}
      >
        <img ref={shown} alt="The screenshot that will be sent" draggable={false} />
        {area !== null && (
          <span
            className={styles.area}
            data-tool={tool}
            style={{ left: area.x, top: area.y, width: area.width, height: area.height }}
          />
        )}
      </div>
      <CloseButton className={styles.remove} onClick={remove} aria-label="Remove the screenshot" />
      <Group gap="xs" p={6}>
        <SegmentedControl
          size="xs"
          aria-label="What a drawn rectangle does"
          value={tool}
          onChange={(value) => setTool(value)}
          data={[
            { value: "blacken", label: "Blacken" },
            { value: "crop", label: "Crop" },
          ]}
        />
        <Button size="compact-xs" variant="subtle" disabled={undo === undefined} onClick={undo}>
          Undo
        </Button>
        <span className={styles.hint} id={how}>
          Draw a rectangle over what {tool === "crop" ? "shall stay" : "nobody shall see"}. With the keyboard, on the
          picture: arrows place it, with Shift they size it, Enter takes it.
        </span>
        <span className="wf-hidden" role="status">
          {told}
        </span>
      </Group>
    </div>
  );
}
