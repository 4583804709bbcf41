import { notifications } from "@mantine/notifications";
import { asProblem } from "../api/problem";
import { LEFT } from "../feedback/left";

/** Says in the corner why something the person asked for did not happen. */
export function tellProblem(error: unknown): void {
  const problem = asProblem(error);
  if (problem.status === 401 || problem.code === LEFT) return;
  notifications.show({ color: "red", title: problem.message, message: problem.wayOut, autoClose: 12_000 });
}

export function tellDone(message: string): void {
  notifications.show({ message, autoClose: 4_000 });
}
