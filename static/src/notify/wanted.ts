const SETTING = "wfhub:desktop-notifications";
const CHANGED = "wfhub:rings";

function kept(): string | null {
  try {
    return window.localStorage.getItem(SETTING);
  } catch {
    return null; // a browser that keeps nothing
  }
}

const can = (): boolean => "Notification" in window;

/** Whether this browser shows what is new in the inbox: the person's setting, and the browser's leave. */
export const rings = {
  can,
  wanted: (): boolean => can() && Notification.permission === "granted" && kept() === "on",
  denied: (): boolean => can() && Notification.permission === "denied",
  /** By a click alone: the browser is asked for leave when it is switched on. */
  turn: async (on: boolean): Promise<void> => {
    if (on && can() && Notification.permission === "default") await Notification.requestPermission();
    try {
      window.localStorage.setItem(SETTING, on ? "on" : "off");
    } catch {
      // then it holds until the page is loaded anew
    }
    window.dispatchEvent(new Event(CHANGED));
  },
  listen: (told: () => void): (() => void) => {
    window.addEventListener(CHANGED, told);
    window.addEventListener("storage", told);
    return () => {
      window.removeEventListener(CHANGED, told);
      window.removeEventListener("storage", told);
    };
  },
};
