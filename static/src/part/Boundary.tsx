import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { asProblem } from "../api/problem";
import { isAbsent } from "./absent";
import styles from "./Boundary.module.css";

interface Props {
  again?: (() => void) | undefined;
  children: ReactNode;
}

/** Keeps a fault of one part within that part: the rest of the page goes on. */
export class Boundary extends Component<Props, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  private readonly again = () => {
    this.setState({ error: null });
    this.props.again?.();
  };

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const absent = isAbsent(error);
    return (
      <div className={styles.note} role="alert">
        <p className={styles.sentence}>
          {absent ? "This part of the page could not be loaded." : asProblem(error).message}
        </p>
        {absent && <p className={styles.way}>The line may be cut, or the hub was renewed since the page was opened.</p>}
        <div className={styles.acts}>
          <Button variant="default" onClick={this.again}>
            Try again
          </Button>
          <Button variant="subtle" onClick={() => window.location.reload()}>
            Load the page anew
          </Button>
        </div>
      </div>
    );
  }
}
