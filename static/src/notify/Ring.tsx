import { useEffect, useRef } from "react";
import type { InboxItem } from "../api/types";
import { useInbox } from "../inbox/queries";
import { go } from "../place/usePlace";
import { news, type Ringing } from "./news";

/** Shows nothing in the page: tells the desktop what is new in the inbox while the person looks elsewhere. */
export default function Ring() {
  const inbox = useInbox(null);
  const known = useRef<Set<string> | null>(null);
  const items = inbox.data?.items;
  useEffect(() => {
    if (items === undefined) return;
    const before = known.current;
    known.current = new Set([...(before ?? []), ...items.map(({ key }: InboxItem) => key)]);
    if (before === null || document.hasFocus()) return;
    for (const one of news(before, items)) show(one);
  }, [items]);
  return null;
}

/** Of several tabs that tell the same the browser shows one, by its tag. */
function show({ tag, title, text, item }: Ringing): void {
  try {
    const shown = new Notification(title, { body: text, tag });
    shown.onclick = () => {
      window.focus();
      go({ view: "inbox", item, task: null });
      shown.close();
    };
  } catch {
    // a phone's browser takes them from a service worker alone: the webhook rings there
  }
}
