import { Component, type ReactNode } from "react";
import styles from "../session/SignIn.module.css";
import { ProblemNote } from "./ProblemNote";

/** A fault of this page itself: said, with a way out, instead of a blank screen. */
export class Trouble extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <main className={styles.middle}>
        <ProblemNote error={this.state.error} again={() => window.location.reload()} />
      </main>
    );
  }
}
