import { type ClipboardEvent, type DragEvent, useState } from "react";

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");

/** What an element needs to take files by drop and paste; `data-dropping` is set while some hover over it. */
export function useDrop(take: (files: File[]) => void) {
  const [over, setOver] = useState(false);
  return {
    "data-dropping": over || undefined,
    onDragOver: (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: (event: DragEvent) => {
      if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(false);
    },
    onDrop: (event: DragEvent) => {
      setOver(false);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      take([...event.dataTransfer.files]);
    },
    onPaste: (event: ClipboardEvent) => {
      const files = [...event.clipboardData.files];
      // a copied table comes as text and as a picture of it: the text is what is meant
      if (files.length === 0 || event.clipboardData.types.includes("text/plain")) return;
      event.preventDefault();
      take(files.map(named));
    },
  };
}

/** Every screenshot is pasted as "image.png": the time tells two of them apart. */
function named(file: File): File {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const time = new Date().toTimeString().slice(0, 8).replaceAll(":", "-");
  return new File([file], file.name.replace("image", `pasted ${time}`), { type: file.type });
}
