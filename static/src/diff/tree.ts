import type { FileChange } from "./fileFacts";

export interface Folder {
  /** "src/task": folders with nothing but one folder in them stand in one line. */
  name: string;
  path: string;
  folders: Folder[];
  files: FileChange[];
}

/** The changed files in their folders, both in the order of their names. */
export function treeOf(files: readonly FileChange[]): Folder {
  const root: Folder = { name: "", path: "", folders: [], files: [] };
  for (const file of files) {
    let folder = root;
    for (const name of file.path.split("/").slice(0, -1)) {
      const path = folder.path ? `${folder.path}/${name}` : name;
      let next = folder.folders.find((each) => each.path === path);
      if (next === undefined) {
        next = { name, path, folders: [], files: [] };
        folder.folders.push(next);
      }
      folder = next;
    }
    folder.files.push(file);
  }
  return { ...root, folders: root.folders.map(short) };
}

function short(folder: Folder): Folder {
  const only = folder.folders[0];
  if (folder.files.length === 0 && folder.folders.length === 1 && only !== undefined)
    return short({ ...only, name: `${folder.name}/${only.name}` });
  return { ...folder, folders: folder.folders.map(short) };
}

/** The files as the tree shows them from top to bottom: what J and K go through. */
export const inOrder = (folder: Folder): FileChange[] => [...folder.folders.flatMap(inOrder), ...folder.files];
