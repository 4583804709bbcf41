import { useMutation } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { browserWords, titleOf } from "./words";

export interface Report {
  text: string;
  project: number | null;
  picture: File | null;
}

export interface Seen {
  page: string;
  browser: string;
  window: string;
}

/** What goes along with the words. */
export function seenHere(): Seen {
  return {
    page: window.location.pathname + window.location.search,
    browser: browserWords(navigator.userAgent),
    window: `${window.innerWidth} × ${window.innerHeight}`,
  };
}

/** Reports a bug; answers its number. */
export function useReportBug() {
  return useMutation({
    mutationFn: async ({ text, project, seen }: { text: string; project: number | null; seen: Seen }) => {
      const details = { window: seen.window, agent: navigator.userAgent };
      const report = { title: titleOf(text), description: text, project_id: project, severity: "medium" as const };
      const bug = await body(
        api.POST("/bugs", { body: { ...report, page: seen.page, browser: seen.browser, details } }),
      );
      return bug.id;
    },
  });
}

/** Puts a picture on a bug. It goes by itself: what is written must not be lost because a picture is too large. */
export function useBugPicture() {
  return useMutation({
    mutationFn: ({ bug, picture }: { bug: number; picture: File }) =>
      body(
        api.POST("/bugs/{bug_id}/attachments", {
          params: { path: { bug_id: bug } },
          body: { file: picture.name, description: "Screenshot" },
          bodySerializer: () => {
            const form = new FormData();
            form.append("description", "Screenshot");
            form.append("file", picture, picture.name || "screenshot.png");
            return form;
          },
        }),
      ),
  });
}
