import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useEffectEvent, useLayoutEffect, useRef } from "react";
import styles from "./Workflow.module.css";
import { rangeOf } from "./graph";
import type { LineFault } from "./useChecked";

interface Props {
  label: string;
  value: string;
  change: (value: string) => void;
  faults: LineFault[];
  /** A line to go to; `asked` counts, so that the same line can be asked for again. */
  goTo: { line: number; asked: number } | null;
}

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--wf-accent)" },
  { tag: [tags.string, tags.content], color: "var(--wf-ink)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--wf-faint)", fontStyle: "italic" },
  { tag: [tags.bool, tags.number, tags.null, tags.keyword], color: "var(--wf-ok)" },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: "var(--wf-dim)" },
]);

/** A text in YAML: Tab indents, Escape and then Tab leaves it. Heavy: loaded only where one is edited. */
export default function YamlEditor({ label, value, change, faults, goTo }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useEffectEvent(change);
  const first = useEffectEvent(() => value);
  useEffect(() => {
    if (box.current === null) return;
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: first(),
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          yaml(),
          syntaxHighlighting(COLOURS),
          lintGutter(),
          keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
          EditorView.contentAttributes.of({ "aria-label": label, "aria-multiline": "true", tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, [label]);
  // at once: a key that comes before a later look would be taken for an old text, and lost
  useLayoutEffect(() => {
    const now = view.current?.state.doc.toString();
    if (now !== undefined && now !== value)
      view.current?.dispatch({ changes: { from: 0, to: now.length, insert: value } });
  }, [value]);
  useEffect(() => {
    if (view.current === null) return;
    const source = view.current.state.doc.toString();
    const diagnostics = faults.map((fault) => {
      const [from, to] = rangeOf(source, fault);
      return { from, to, severity: "error" as const, message: fault.what };
    });
    view.current.dispatch(setDiagnostics(view.current.state, diagnostics));
  }, [faults]);
  useEffect(() => {
    if (view.current === null || goTo === null) return;
    const line = view.current.state.doc.line(Math.min(goTo.line, view.current.state.doc.lines));
    view.current.dispatch({
      selection: { anchor: line.from },
      effects: EditorView.scrollIntoView(line.from, { y: "center" }),
    });
    view.current.focus();
  }, [goTo]);
  return <div ref={box} className={styles.editor} />;
}
