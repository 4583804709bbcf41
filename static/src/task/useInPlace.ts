import { useState } from "react";
import { asProblem } from "../api/problem";
import { tellProblem } from "../problem/tell";
import { afterConflict, begunWords, keepWords } from "./inPlace";

export interface Editable {
  /** Names the draft that survives a reload: "7.title". */
  name: string;
  value: string;
  version: number;
  /** Rejects with the hub's Problem; 409 where `version` is not the newest. */
  save: (value: string, version: number) => Promise<unknown>;
  /** What stands on the hub now. */
  reread: () => Promise<{ value: string; version: number }>;
}

interface Draft {
  words: string;
  begun: string;
  version: number;
  /** What another wrote meanwhile. */
  theirs: string | null;
}

/** One text edited where it stands. An older version is never written over another's words unasked. */
export function useInPlace({ name, value, version, save, reread }: Editable) {
  const fresh = (words: string): Draft => ({ words, begun: value, version, theirs: null });
  const [draft, setDraft] = useState<Draft | null>(() => {
    const words = begunWords(name);
    return words === null ? null : fresh(words);
  });
  const [saving, setSaving] = useState(false);
  const end = () => {
    keepWords(name, null);
    setDraft(null);
  };
  const write = async (now: Draft, tries = 2): Promise<void> => {
    try {
      await save(now.words, now.version);
      end();
    } catch (error) {
      if (asProblem(error).status !== 409 || tries === 0) throw error;
      const theirs = await reread();
      const next = afterConflict({ begun: now.begun, theirs: theirs.value, mine: now.words });
      if (next === "same") {
        end();
        return;
      }
      if (next === "again") return write({ ...now, version: theirs.version }, tries - 1);
      setDraft({ ...now, version: theirs.version, begun: theirs.value, theirs: theirs.value });
    }
  };
  return {
    draft,
    saving,
    begin: () => setDraft(fresh(value)),
    end,
    change: (words: string) => {
      keepWords(name, words);
      setDraft((now) => now && { ...now, words });
    },
    keep: async () => {
      if (draft === null) return;
      if (draft.words === value && draft.theirs === null) {
        end();
        return;
      }
      setSaving(true);
      await write(draft).catch(tellProblem);
      setSaving(false);
    },
  };
}
