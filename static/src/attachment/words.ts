/** "PDF" of "notes.pdf"; what has no extension is just a file. */
export function extensionOf(name: string): string {
  const extension = /\.([\w-]{1,6})$/.exec(name)?.[1];
  return extension === undefined ? "file" : extension.toUpperCase();
}
