import { fontsInUse } from "./fonts";

const LONGEST_PX = 4_000;

/** The page as it is seen now, without what lies over it. The library comes when it is first asked for. */
export async function capturePage(): Promise<File> {
  const page = document.getElementById("root");
  if (page === null) throw new Error("There is no page to take a picture of.");
  const { domToBlob } = await import("modern-screenshot");
  const longest = Math.max(page.clientWidth, page.clientHeight);
  const blob = await domToBlob(page, {
    width: page.clientWidth,
    height: page.clientHeight,
    scale: Math.min(window.devicePixelRatio, 2, LONGEST_PX / longest),
    backgroundColor: getComputedStyle(document.body).backgroundColor,
    type: "image/png",
    // told here: the library would set a document's base to find them, which the page's policy forbids
    font: { cssText: await fontsInUse() },
    features: { restoreScrollPosition: true },
  });
  return new File([blob], "page.png", { type: "image/png" });
}
