import {
  AutoScroller,
  Cursor,
  DragDropManager,
  Draggable,
  Droppable,
  Feedback,
  PointerActivationConstraints,
  PointerSensor,
  PreventSelection,
} from "@dnd-kit/dom";

export interface DragEars {
  lift: (task: number) => void;
  over: (stage: string | null) => void;
  drop: (stage: string | null, y: number) => void;
}

/** Makes elements what can be dragged, and where to; each until the returned function is called. */
export interface DragEngine {
  card: (element: Element, task: number) => () => void;
  column: (element: Element, lane: string, stage: string) => () => void;
}

const MOUSE_PIXELS = 6;
const TOUCH_MS = 250;
const TOUCH_PIXELS = 8;

/** Mouse and pen drag after a few pixels, a finger after it has rested: so it can still scroll and tap. */
export function makeEngine(ears: DragEars): DragEngine {
  const manager = new DragDropManager({
    plugins: [AutoScroller, Cursor, Feedback.configure({ feedback: "clone", dropAnimation: null }), PreventSelection],
    sensors: [
      PointerSensor.configure({
        preventActivation: () => false,
        activationConstraints: (event) =>
          event.pointerType === "touch"
            ? [new PointerActivationConstraints.Delay({ value: TOUCH_MS, tolerance: TOUCH_PIXELS })]
            : [new PointerActivationConstraints.Distance({ value: MOUSE_PIXELS })],
      }),
    ],
  });
  manager.monitor.addEventListener("dragstart", ({ operation }) => ears.lift(Number(operation.source?.data.task)));
  manager.monitor.addEventListener("dragover", ({ operation }) => ears.over(stageOf(operation.target)));
  manager.monitor.addEventListener("dragend", ({ operation, canceled }) =>
    ears.drop(canceled ? null : stageOf(operation.target), operation.position.current.y),
  );
  return {
    card: (element, task) => {
      const draggable = new Draggable({ id: `task ${task}`, element, data: { task } }, manager);
      return () => draggable.destroy();
    },
    column: (element, lane, stage) => {
      const droppable = new Droppable({ id: `${lane} ${stage}`, element, data: { stage } }, manager);
      return () => droppable.destroy();
    },
  };
}

function stageOf(target: { data: Record<string, unknown> } | null): string | null {
  return typeof target?.data.stage === "string" ? target.data.stage : null;
}
