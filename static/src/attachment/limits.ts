import { sizeWords } from "../proof/words";

/** What the hub takes with one request: `bytes` are of all its files together. */
export interface Limits {
  files: number;
  file_bytes: number;
  bytes: number;
}

type Sized = Pick<File, "name" | "size">;

/** Why a file can't come along, in a sentence with a way out; null where it can. */
export function refusal(file: Sized, chosen: readonly Sized[], limits: Limits): string | null {
  if (file.size === 0) return `${file.name} is empty. A folder can't be sent: put it into an archive.`;
  if (file.size > limits.file_bytes)
    return `${file.name} has ${sizeWords(file.size)}; ${sizeWords(limits.file_bytes)} is the most. Send a part of it.`;
  if (chosen.length >= limits.files)
    return `${file.name} is one too many: ${limits.files} files is the most. Put several into an archive.`;
  if (chosen.reduce((sum, { size }) => sum + size, file.size) > limits.bytes)
    return `With ${file.name} it would be more than ${sizeWords(limits.bytes)} together. Leave another one out.`;
  return null;
}

/** What is chosen, and why some of what was given does not come along. */
export interface Choice {
  files: File[];
  refused: string[];
}

/** A choice with what came to it; what is in it already comes once. */
export function withFiles({ files, refused }: Choice, come: readonly File[], limits: Limits | undefined): Choice {
  const all = [...files];
  const sentences = new Set(refused);
  for (const file of come) {
    if (all.some((other) => isSame(file, other))) continue;
    const why = limits ? refusal(file, all, limits) : null;
    if (why === null) all.push(file);
    else sentences.add(why);
  }
  return { files: all, refused: [...sentences] };
}

/** The same file again, as a second paste or drop brings it. */
export const isSame = (one: File, other: File): boolean =>
  one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
