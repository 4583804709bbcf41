/** Whether a part could not be fetched. Browsers word it each in their own way. */
export function isAbsent(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported|importing a module|module script|preload CSS|Failed to fetch/i.test(error.message)
  );
}
