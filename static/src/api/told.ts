/** A word out of an event's free data; empty where there is none. */
export function told(data: Record<string, unknown> | undefined, name: string): string {
  const value = data?.[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
